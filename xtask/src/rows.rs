//! The fault matrix after a run: which rows the tests have shown to hold. Its rows are in
//! `crates/rows/src/list.rs`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use visavis_rows::{DOCUMENTS, ROWS, Records, not_passed, table};

/// Shows the whole matrix, and fails unless every row that has a test has passed it.
pub(crate) fn check(directory: &Path) -> Result<()> {
    let records = read(directory)?;
    print!("{}", table(ROWS, &records, true));
    print!("\ndocuments\n{}", table(DOCUMENTS, &records, true));
    let mut not_passed = not_passed(ROWS, &records);
    not_passed.extend(visavis_rows::not_passed(DOCUMENTS, &records));
    if !not_passed.is_empty() {
        bail!(
            "not every row of the fault matrix was passed: {}",
            not_passed.join("; ")
        );
    }
    Ok(())
}

/// Shows the rows that were tested.
pub(crate) fn show(directory: &Path) -> Result<()> {
    let records = read(directory)?;
    for rows in [ROWS, DOCUMENTS] {
        let table = table(rows, &records, false);
        if !table.is_empty() {
            print!("\n{table}");
        }
    }
    Ok(())
}

fn read(directory: &Path) -> Result<Records> {
    Records::read(directory).with_context(|| format!("Can't read the rows in {}", directory.display()))
}
