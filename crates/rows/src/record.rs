//! What became of a row in a test: written by the test, read by xtask.
//!
//! A record is a file of lines such as `variant: Chromium`, one file for each row, variant and test.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;
use std::{env, fs, io, panic, thread};

use crate::list::{DOCUMENTS, ROWS, Row};

/// The variable that names the directory of the records.
pub const DIRECTORY: &str = "VISAVIS_ROWS";

/// How a test of a row ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// What was expected came true.
    Passed,
    /// It did not, or the test did not get as far as to tell.
    Failed,
}

/// What one test says about one variant of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The row's number.
    pub row: u32,
    /// The variant.
    pub variant: String,
    /// The test's name.
    pub test: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How long things took to come back.
    pub recovered: Option<Duration>,
    /// What else there is to say.
    pub notes: Vec<String>,
}

thread_local! {
    /// What the last panic of this thread said, and where.
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the messages of panics for the table, so that a failure is explained there.
fn listen_to_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            LAST_PANIC.set(Some(panic.to_string()));
            before(panic);
        }));
    });
}

/// A test of a row that goes on. Dropped without [`RowTest::passed`], it has failed.
#[derive(Debug)]
#[must_use = "a row passes by `passed`"]
pub struct RowTest {
    record: Record,
    file: Option<PathBuf>,
}

/// Begins the test of a variant of a row.
///
/// # Panics
/// There is no such row or variant, or the record can't be written.
pub fn row(number: u32, variant: &str) -> RowTest {
    let found = Row::find(ROWS, number).or_else(|| Row::find(DOCUMENTS, number));
    let known = found.is_some_and(|row| row.knows(variant));
    assert!(
        known,
        "The fault matrix has no row {number} with the variant \"{variant}\": name it in crates/rows/src/list.rs."
    );
    let test = thread::current()
        .name()
        .unwrap_or("a thread without a name")
        .to_owned();
    RowTest::begin(number, variant, test, env::var_os(DIRECTORY).map(PathBuf::from))
}

impl RowTest {
    fn begin(row: u32, variant: &str, test: String, directory: Option<PathBuf>) -> Self {
        listen_to_panics();
        let record = Record {
            row,
            variant: variant.to_owned(),
            test,
            outcome: Outcome::Failed,
            recovered: None,
            notes: Vec::new(),
        };
        let file = directory.map(|directory| directory.join(record.file_name()));
        let begun = Self { record, file };
        // A test that is killed has failed as well.
        begun.write();
        begun
    }

    /// Says how long it took until all was well again.
    pub fn recovered_in(mut self, duration: Duration) -> Self {
        self.record.recovered = Some(duration);
        self
    }

    /// Says something else, for the table: a measurement, a count.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.record.notes.push(note.into());
        self
    }

    /// What was expected came true.
    ///
    /// # Panics
    /// The record can't be written.
    pub fn passed(mut self) {
        self.record.outcome = Outcome::Passed;
        self.write();
    }

    fn write(&self) {
        if let Some(file) = &self.file {
            fs::write(file, self.record.to_text())
                .unwrap_or_else(|error| panic!("{} can't be written: {error}", file.display()));
        }
    }
}

impl Drop for RowTest {
    fn drop(&mut self) {
        if thread::panicking()
            && let Some(words) = LAST_PANIC.take()
        {
            self.record.notes.push(words);
            self.write();
        }
    }
}

impl Record {
    fn file_name(&self) -> String {
        let plain = |text: &str| -> String {
            text.chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
                .collect()
        };
        format!("{:02}.{}.{}", self.row, plain(&self.variant), plain(&self.test))
    }

    fn to_text(&self) -> String {
        let outcome = match self.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
        };
        let mut text = format!(
            "row: {}\nvariant: {}\ntest: {}\noutcome: {outcome}\n",
            self.row, self.variant, self.test
        );
        if let Some(recovered) = self.recovered {
            let _ = writeln!(text, "recovered: {}", recovered.as_secs_f64());
        }
        for note in &self.notes {
            let _ = writeln!(text, "note: {}", note.replace('\n', " "));
        }
        text
    }

    /// The reverse of [`Record::to_text`]. Lines of an unknown kind are passed over.
    fn from_text(text: &str) -> Option<Self> {
        let lines = || text.lines().filter_map(|line| line.split_once(": "));
        let value = |name: &str| {
            lines()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.to_owned())
        };
        Some(Self {
            row: value("row")?.parse().ok()?,
            variant: value("variant")?,
            test: value("test")?,
            outcome: match value("outcome")?.as_str() {
                "passed" => Outcome::Passed,
                _ => Outcome::Failed,
            },
            recovered: value("recovered")
                .and_then(|seconds| Duration::try_from_secs_f64(seconds.parse().ok()?).ok()),
            notes: lines()
                .filter(|(key, _)| *key == "note")
                .map(|(_, note)| note.to_owned())
                .collect(),
        })
    }
}

/// All records of a run, by row and variant.
#[derive(Debug, Clone, Default)]
pub struct Records(BTreeMap<(u32, String), Vec<Record>>);

impl Records {
    /// Reads the records in a directory.
    ///
    /// # Errors
    /// It can't be read.
    pub fn read(directory: &Path) -> io::Result<Self> {
        let mut records = Vec::new();
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            let record = Record::from_text(&fs::read_to_string(&path)?);
            records.push(record.ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("{} is no record of a row", path.display()),
                )
            })?);
        }
        records.sort_by(|one: &Record, other| one.test.cmp(&other.test));
        Ok(records.into_iter().collect())
    }

    /// What tests say about a variant.
    #[must_use]
    pub fn of(&self, row: u32, variant: &str) -> &[Record] {
        self.0.get(&(row, variant.to_owned())).map_or(&[], Vec::as_slice)
    }
}

impl FromIterator<Record> for Records {
    fn from_iter<T: IntoIterator<Item = Record>>(records: T) -> Self {
        let mut all = Self::default();
        for record in records {
            let key = (record.row, record.variant.clone());
            all.0.entry(key).or_default().push(record);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(name: &str) -> PathBuf {
        let directory = env::temp_dir().join(format!("visavis-rows-{name}-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        directory
    }

    fn begin(directory: &Path) -> RowTest {
        RowTest::begin(
            14,
            "Chromium, twice",
            "cuts::five_seconds".into(),
            Some(directory.to_owned()),
        )
    }

    #[test]
    fn what_a_test_says_is_read_again() {
        let directory = directory("says");
        begin(&directory)
            .recovered_in(Duration::from_millis(2500))
            .note("3 restarts")
            .note("two\nlines")
            .passed();
        let records = Records::read(&directory).unwrap();
        let expected = Record {
            row: 14,
            variant: "Chromium, twice".into(),
            test: "cuts::five_seconds".into(),
            outcome: Outcome::Passed,
            recovered: Some(Duration::from_millis(2500)),
            notes: vec!["3 restarts".into(), "two lines".into()],
        };
        assert_eq!(records.of(14, "Chromium, twice"), [expected]);
        assert!(records.of(14, "Chromium").is_empty());
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_test_that_panics_has_failed_and_says_why() {
        let directory = directory("panics");
        let inside = directory.clone();
        let panicked = thread::spawn(move || {
            let _row = begin(&inside);
            panic!("as a test does");
        });
        assert!(panicked.join().is_err());
        let records = Records::read(&directory).unwrap();
        let record = &records.of(14, "Chromium, twice")[0];
        assert_eq!(record.outcome, Outcome::Failed);
        let [why] = &record.notes[..] else {
            panic!("{record:?}");
        };
        assert!(
            why.contains("record.rs") && why.ends_with("as a test does"),
            "{why}"
        );
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn without_a_directory_nothing_is_written() {
        RowTest::begin(14, "Chromium", "a test".into(), None).passed();
    }

    #[test]
    #[should_panic(expected = "no row 14 with the variant \"Lynx\"")]
    fn an_unknown_variant_is_a_mistake() {
        let _row = row(14, "Lynx");
    }
}
