//! How messages become text. Each server format that visavis can speak is one module here.

pub mod broadcast;
pub mod native;
