//! Which tests take longest: what to look at when a run has become long.

use std::{fs, path::Path, time::Duration};

use crate::run;

/// The variable that names the directory into which whole-system tests write how long they took.
pub(crate) const DIRECTORY: &str = "VISAVIS_TIMES";

/// So many are shown.
const SHOWN: usize = 10;

/// What one test took.
#[derive(Debug, PartialEq)]
struct Test {
    name: String,
    took: Duration,
}

/// The slowest tests of a run, a line each; nothing if no test tells. `times` is the directory of the
/// whole-system tests.
pub(crate) fn report(times: &Path, has_native: bool) -> String {
    let mut tests = of_directory(times);
    if has_native {
        // Where .config/nextest.toml has it written: in the workspace, wherever Cargo's target directory is.
        let report = run::root().join("target/nextest/default/junit.xml");
        tests.extend(of_junit(&fs::read_to_string(report).unwrap_or_default()));
    }
    shown(tests)
}

fn shown(mut tests: Vec<Test>) -> String {
    if tests.is_empty() {
        return String::new();
    }
    tests.sort_by(|a, b| b.took.cmp(&a.took).then_with(|| a.name.cmp(&b.name)));
    let lines = tests
        .iter()
        .take(SHOWN)
        .map(|Test { name, took }| format!("{:>8.1} s  {name}\n", took.as_secs_f64()));
    format!("The slowest tests:\n{}", lines.collect::<String>())
}

/// The times that whole-system tests have written: a file each, with a line of seconds, outcome and name.
fn of_directory(directory: &Path) -> Vec<Test> {
    let files = fs::read_dir(directory).into_iter().flatten().flatten();
    files
        .filter_map(|file| of_line(fs::read_to_string(file.path()).ok()?.trim()))
        .collect()
}

/// `12.345 passed calls::two_windows_see_each_other`.
fn of_line(line: &str) -> Option<Test> {
    let (seconds, rest) = line.split_once(' ')?;
    let (_, name) = rest.split_once(' ')?;
    Some(Test {
        name: name.to_owned(),
        took: Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?,
    })
}

/// The test cases of a report in JUnit's format.
fn of_junit(report: &str) -> Vec<Test> {
    let case = |tag: &str| {
        let attribute = |name: &str| {
            let (_, value) = tag.split_once(&format!(" {name}=\""))?;
            value.split_once('"').map(|(value, _)| value)
        };
        let seconds = attribute("time")?.parse().ok()?;
        Some(Test {
            name: format!("{} {}", attribute("classname")?, attribute("name")?),
            took: Duration::try_from_secs_f64(seconds).ok()?,
        })
    };
    report.split("<testcase").skip(1).filter_map(case).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(name: &str, millis: u64) -> Test {
        Test {
            name: name.to_owned(),
            took: Duration::from_millis(millis),
        }
    }

    #[test]
    fn the_slowest_come_first_and_no_more_than_ten() {
        let tests = (0..30)
            .map(|number| test(&format!("t{number}"), number * 100))
            .collect();
        let shown = shown(tests);
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(lines.len(), 11);
        assert_eq!(lines[1], "     2.9 s  t29");
        assert_eq!(lines[10], "     2.0 s  t20");
        assert_eq!(super::shown(Vec::new()), "");
    }

    #[test]
    fn times_are_read() {
        assert_eq!(of_line("1.250 passed calls::a"), Some(test("calls::a", 1250)));
        assert_eq!(of_line("calls::a"), None);
        assert_eq!(of_line("-1 passed calls::a"), None);
        let report = r#"<testsuites><testsuite name="call">
            <testcase name="two_calls" classname="visavis-call::exploration" timestamp="x" time="2.5">
            </testcase><testcase name="b" classname="c" time="0.001"/></testsuite></testsuites>"#;
        assert_eq!(
            of_junit(report),
            [test("visavis-call::exploration two_calls", 2500), test("c b", 1)]
        );
    }
}
