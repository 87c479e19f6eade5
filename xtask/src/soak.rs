//! `cargo xtask soak`: what takes long and finds little. It is run by hand, and before a release.
//!
//! What it ran and found is written to docs/soak.md.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{bench, deny, fuzz, run, site, test};

/// The file that tells of the last run.
const REPORT: &str = "docs/soak.md";

const INTRODUCTION: &str = "\
# Soak

The soak runs long tests that rarely find anything: thousands of calls and joins, wider bounds of the
exploration, a million random schedules, a minute of each fuzz target, and faults that last for 40 s and 90 s
of real time. It also asks what is known against dependencies. `cargo xtask soak` runs them and writes this
page. `cargo xtask test` runs a tenth of each.
";

/// Random schedules, beyond those of the tests.
const SCHEDULES: &str = "1000000";

/// A test that has run, and what it said.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    what: String,
    said: Vec<String>,
    passed: bool,
}

impl Finding {
    /// What became of something that is no test.
    fn of(what: &str, result: Result<String>) -> Self {
        let passed = result.is_ok();
        let said = result.unwrap_or_else(|error| format!("{error:#}"));
        println!("{what}: {said}");
        Self {
            what: what.to_owned(),
            said: vec![said],
            passed,
        }
    }
}

/// Some tests that ran together.
struct Part {
    findings: Vec<Finding>,
    took: Duration,
}

pub(crate) fn soak() -> Result<()> {
    let start = Instant::now();
    site::build()?;
    let mut whole_system = run::cargo();
    whole_system.args(["test", "--release", "-p", "visavis-e2e", "--"]);
    whole_system.args(["--ignored", "--nocapture", "--test-threads=1"]);
    let rows = run::fresh_directory("soak-rows")?;
    test::on_site(whole_system.env(visavis_rows::DIRECTORY, rows))?;
    let mut schedules = bench::of_the_state_machine("simulation", "schedules");
    schedules.env("VISAVIS_SCHEDULES", SCHEDULES);
    let mut parts = vec![advisories(), fuzz_targets()?];
    for mut command in [
        bench::of_the_state_machine("exploration", "bounds"),
        schedules,
        whole_system,
    ] {
        parts.push(part(&mut command)?);
    }
    let page = page(&parts, &today()?, &commit()?, start.elapsed());
    let path = run::root().join(REPORT);
    fs::write(&path, &page).with_context(|| format!("Can't write {}", path.display()))?;
    println!("\n{page}");
    let failed: Vec<_> = parts
        .iter()
        .flat_map(|part| &part.findings)
        .filter(|finding| !finding.passed)
        .map(|finding| finding.what.as_str())
        .collect();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// Whether something is known against a dependency. If nobody can be asked, that is not known: it fails.
fn advisories() -> Part {
    let start = Instant::now();
    let finding = Finding::of(
        "deny advisories",
        deny::advisories().map(|()| "nothing".to_owned()),
    );
    Part {
        findings: vec![finding],
        took: start.elapsed(),
    }
}

fn fuzz_targets() -> Result<Part> {
    let start = Instant::now();
    fuzz::build()?;
    let tried = |target: String| {
        println!("  fuzzes {target} for a minute");
        Finding::of(&format!("fuzz {target}"), fuzz::run(&target, fuzz::Effort::Soak))
    };
    Ok(Part {
        findings: fuzz::targets()?.into_iter().map(tried).collect(),
        took: start.elapsed(),
    })
}

/// Runs tests one after the other, and hears what they say.
fn part(command: &mut Command) -> Result<Part> {
    let start = Instant::now();
    println!("  $ {}", run::shown(command));
    let mut process = command
        .stdout(Stdio::piped())
        .spawn()
        .context("Can't start Cargo")?;
    let output = process.stdout.take().context("Cargo has no output")?;
    let mut lines = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line.context("Can't read what the tests say")?;
        println!("{line}");
        lines.push(line);
    }
    let status = process.wait().context("Cargo is gone")?;
    let findings = findings(&lines);
    if findings.is_empty() {
        bail!("`{}` ran no test ({status})", run::shown(command));
    }
    Ok(Part {
        findings,
        took: start.elapsed(),
    })
}

/// What tests have printed that ran one after the other (`--nocapture`): `test NAME ... `, then what it says,
/// then how it ended, with no line break behind the name.
fn findings(lines: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut running: Option<Finding> = None;
    for line in lines {
        let said = match line
            .strip_prefix("test ")
            .and_then(|line| line.split_once(" ... "))
        {
            Some((name, said)) => {
                running = Some(Finding {
                    what: name.to_owned(),
                    said: Vec::new(),
                    passed: false,
                });
                said
            }
            None => line,
        };
        match said.trim() {
            "" => {}
            "ok" | "FAILED" => {
                findings.extend(running.take().map(|finding| Finding {
                    passed: said.trim() == "ok",
                    ..finding
                }));
            }
            said => {
                if let Some(finding) = &mut running {
                    finding.said.push(said.to_owned());
                }
            }
        }
    }
    // One that ended all of them has failed.
    findings.extend(running);
    findings
}

fn page(parts: &[Part], date: &str, commit: &str, took: Duration) -> String {
    let mut page = format!(
        "{INTRODUCTION}\nThe last run was on {date}, of commit {commit}, and took {} minutes:\n\n\
         | what | result | what it says |\n| --- | --- | --- |\n",
        took.as_secs().div_ceil(60)
    );
    for Part { findings, took } in parts {
        for Finding { what, said, passed } in findings {
            let result = if *passed { "passed" } else { "**FAILED**" };
            // What is said last sums up what was said before.
            let said = said.last().map_or("", String::as_str).replace('|', "\\|");
            page += &format!("| `{what}` | {result} | {said} |\n");
        }
        page += &format!("| | | {} minutes for these |\n", took.as_secs().div_ceil(60));
    }
    page
}

fn today() -> Result<String> {
    run::output_of(Command::new("date").args(["-u", "+%Y-%m-%d"]))
        .context("There is no `date` to ask for the day")
}

fn commit() -> Result<String> {
    let commit = run::output_of(run::command("git").args(["rev-parse", "--short", "HEAD"]));
    let commit = commit.context("git does not tell which commit this is")?;
    let changes = run::output_of(run::command("git").args(["status", "--porcelain", "--untracked-files=no"]));
    let is_changed = changes.is_none_or(|changes| !changes.is_empty());
    Ok(if is_changed {
        commit + " with changes"
    } else {
        commit
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<Finding> {
        findings(&text.lines().map(str::to_owned).collect::<Vec<_>>())
    }

    fn finding(what: &str, said: &[&str], passed: bool) -> Finding {
        Finding {
            what: what.to_owned(),
            said: said.iter().map(|it| (*it).to_owned()).collect(),
            passed,
        }
    }

    #[test]
    fn what_tests_say_is_heard() {
        let text = "\nrunning 2 tests\ntest soak::a ... 5 of 10\n10 of 10\nok\ntest soak::b ... FAILED\n\nfailures:\n";
        assert_eq!(
            said(text),
            [
                finding("soak::a", &["5 of 10", "10 of 10"], true),
                finding("soak::b", &[], false)
            ]
        );
    }

    #[test]
    fn a_test_that_ends_all_of_them_has_failed() {
        assert_eq!(
            said("test soak::a ... one\n"),
            [finding("soak::a", &["one"], false)]
        );
        assert_eq!(said("running 0 tests\n"), []);
    }

    #[test]
    fn the_page_says_when_of_what_and_how() {
        let parts = [Part {
            findings: vec![
                finding("soak::a", &["1", "2 | 3"], true),
                finding("soak::b", &[], false),
            ],
            took: Duration::from_secs(61),
        }];
        let page = page(&parts, "2026-01-02", "0123abc", Duration::from_secs(600));
        assert!(
            page.contains("on 2026-01-02, of commit 0123abc, and took 10 minutes"),
            "{page}"
        );
        assert!(page.contains("| `soak::a` | passed | 2 \\| 3 |\n"), "{page}");
        assert!(
            page.contains("| `soak::b` | **FAILED** |  |\n| | | 2 minutes for these |\n"),
            "{page}"
        );
    }
}
