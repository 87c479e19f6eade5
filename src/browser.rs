//! The browser's interfaces, wrapped: owners that clean up after themselves, errors with names, no policy and
//! no Leptos. `JsValue` ends here.

pub mod broadcast;
pub mod certificate;
pub mod clipboard;
pub mod data_link;
pub mod device_list;
pub mod dictionary;
pub mod drag;
pub mod early;
pub mod exception;
pub mod frame;
pub mod full_screen;
pub mod ice_servers;
pub mod isolation;
pub mod level;
pub mod locks;
pub mod media;
pub mod memory;
pub mod page;
pub mod peer_connection;
pub mod preferences;
pub mod property;
pub mod ring;
pub mod session;
pub mod share;
pub mod socket;
pub mod speaker;
pub mod statistics;
pub mod timing;
pub mod video;
pub mod wake;
