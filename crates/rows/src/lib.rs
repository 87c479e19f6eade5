//! The fault matrix: which faults visavis must survive, which tests show that it does, and their results in a
//! run.
//!
//! [`ROWS`] is the matrix. A test that covers a row, or one variant of it, says so:
//!
//! ```no_run
//! let row = visavis_rows::row(14, "Chromium");
//! let back_after = std::time::Duration::from_secs(2); // measured by the test
//! let row = row.recovered_in(back_after);
//! row.passed();
//! ```
//!
//! What becomes of it is written into the directory that the variable `VISAVIS_ROWS` names, if it is set.
//! `cargo xtask test` sets it, reads the [`Records`] after the tests, and shows them as a [`table`].

mod list;
mod record;
mod table;

pub use list::{DOCUMENTS, ROWS, Row};
pub use record::{DIRECTORY, Outcome, Record, Records, RowTest, row};
pub use table::{not_passed, table};
