//! The records of a run, for people to read.

use crate::list::Row;
use crate::record::{Outcome, Record, Records};

/// The required variants that have not passed: `row 5, Chromium (MISSING)`.
#[must_use]
pub fn not_passed(rows: &[Row], records: &Records) -> Vec<String> {
    let required = rows
        .iter()
        .flat_map(|row| row.required.iter().map(|variant| (row.number, *variant)));
    required
        .map(|(number, variant)| (number, variant, result(records.of(number, variant), false)))
        .filter(|(_, _, result)| *result != "passed")
        .map(|(number, variant, result)| format!("row {number}, {variant} ({result})"))
        .collect()
}

/// A line for each variant of each row. What has no record is left out, unless the run was a full one: then
/// it is MISSING, or `not yet` if it has no test so far.
#[must_use]
pub fn table(rows: &[Row], records: &Records, full: bool) -> String {
    let lines: Vec<_> = rows
        .iter()
        .flat_map(|row| lines_of(rows, row, records, full))
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    let heading = Line {
        number: "row".into(),
        place: "where".into(),
        fault: "fault".into(),
        variant: "variant".into(),
        result: "result",
        recovered: "back after".into(),
        notes: "notes".into(),
    };
    layout(&std::iter::once(heading).chain(lines).collect::<Vec<_>>())
}

struct Line {
    number: String,
    place: String,
    fault: String,
    variant: String,
    result: &'static str,
    recovered: String,
    notes: String,
}

fn lines_of(rows: &[Row], row: &Row, records: &Records, full: bool) -> Vec<Line> {
    let is_planned = |number: u32, variant: &str| {
        let other = rows.iter().find(|row| row.number == number);
        other.is_some_and(|row| row.planned.contains(&variant))
    };
    let own = row
        .required
        .iter()
        .chain(row.planned)
        .map(|variant| (row.number, *variant));
    let mut lines = Vec::new();
    for (number, variant) in own.chain(row.shown_by.iter().copied()) {
        let found = records.of(number, variant);
        if found.is_empty() && !full {
            continue;
        }
        let result = result(found, is_planned(number, variant));
        let variant = if number == row.number {
            variant.to_owned()
        } else {
            format!("row {number}: {variant}")
        };
        // What only repeats another row's line does not repeat its measurements.
        let measured = if number == row.number { found } else { &[] };
        lines.push(Line {
            number: row.number.to_string(),
            place: row.place.to_owned(),
            fault: row.fault.to_owned(),
            variant,
            result,
            recovered: slowest(measured),
            notes: notes(measured),
        });
    }
    lines
}

fn result(records: &[Record], planned: bool) -> &'static str {
    match records {
        [] if planned => "not yet",
        [] => "MISSING",
        records if records.iter().all(|record| record.outcome == Outcome::Passed) => "passed",
        _ => "FAILED",
    }
}

fn slowest(records: &[Record]) -> String {
    let slowest = records.iter().filter_map(|record| record.recovered).max();
    slowest.map_or(String::new(), |duration| {
        format!("{:.1} s", duration.as_secs_f64())
    })
}

fn notes(records: &[Record]) -> String {
    let notes: Vec<_> = records
        .iter()
        .flat_map(|record| &record.notes)
        .map(String::as_str)
        .collect();
    notes.join("; ")
}

fn layout(lines: &[Line]) -> String {
    let width = |of: fn(&Line) -> &str| {
        lines
            .iter()
            .map(|line| of(line).chars().count())
            .max()
            .unwrap_or(0)
    };
    let number = width(|line| &line.number);
    let place = width(|line| &line.place);
    let fault = width(|line| &line.fault);
    let variant = width(|line| &line.variant);
    let result = width(|line| line.result);
    let recovered = width(|line| &line.recovered);
    let mut text = String::new();
    for line in lines {
        let columns = format!(
            "{:>number$}  {:<place$}  {:<fault$}  {:<variant$}  {:<result$}  {:>recovered$}  {}",
            line.number, line.place, line.fault, line.variant, line.result, line.recovered, line.notes
        );
        text += columns.trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const BARE: Row = Row {
        number: 0,
        place: "",
        fault: "",
        expected: "",
        required: &[],
        planned: &[],
        shown_by: &[],
    };
    const SOME: &[Row] = &[
        Row {
            number: 5,
            place: "B",
            fault: "glare",
            required: &["Chromium", "with Firefox"],
            ..BARE
        },
        Row {
            number: 6,
            place: "S B",
            fault: "early candidates",
            required: &["Chromium"],
            planned: &["simulated"],
            ..BARE
        },
        Row {
            number: 21,
            place: "B",
            fault: "Firefox",
            shown_by: &[(5, "with Firefox"), (6, "simulated")],
            ..BARE
        },
    ];

    fn record(row: u32, variant: &str, outcome: Outcome) -> Record {
        Record {
            row,
            variant: variant.into(),
            test: "a test".into(),
            outcome,
            recovered: None,
            notes: Vec::new(),
        }
    }

    fn records() -> Records {
        let glare = Record {
            recovered: Some(Duration::from_millis(1520)),
            notes: vec!["98 glares".into()],
            ..record(5, "Chromium", Outcome::Passed)
        };
        let again = record(5, "Chromium", Outcome::Passed);
        let firefox = record(5, "with Firefox", Outcome::Failed);
        [glare, again, firefox].into_iter().collect()
    }

    #[test]
    fn a_full_run_shows_what_is_missing() {
        let expected = "\
row  where  fault             variant              result   back after  notes
  5  B      glare             Chromium             passed        1.5 s  98 glares
  5  B      glare             with Firefox         FAILED
  6  S B    early candidates  Chromium             MISSING
  6  S B    early candidates  simulated            not yet
 21  B      Firefox           row 5: with Firefox  FAILED
 21  B      Firefox           row 6: simulated     not yet
";
        assert_eq!(table(SOME, &records(), true), expected);
        assert_eq!(
            not_passed(SOME, &records()),
            ["row 5, with Firefox (FAILED)", "row 6, Chromium (MISSING)"]
        );
    }

    #[test]
    fn a_part_of_a_run_shows_that_part() {
        let expected = "\
row  where  fault    variant              result  back after  notes
  5  B      glare    Chromium             passed       1.5 s  98 glares
  5  B      glare    with Firefox         FAILED
 21  B      Firefox  row 5: with Firefox  FAILED
";
        assert_eq!(table(SOME, &records(), false), expected);
    }

    #[test]
    fn a_run_without_rows_shows_nothing() {
        assert_eq!(table(SOME, &Records::default(), false), "");
    }

    #[test]
    fn a_variant_fails_if_one_of_its_tests_does() {
        let two = [
            record(5, "Chromium", Outcome::Passed),
            record(5, "Chromium", Outcome::Failed),
        ];
        assert_eq!(result(&two, false), "FAILED");
    }
}
