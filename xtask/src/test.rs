//! `cargo xtask test`: every check and every test, as numbered steps.

use std::{
    fs,
    path::PathBuf,
    process::{Command, ExitCode},
    time::Instant,
};

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::{
    browser::Browser,
    deny, documents,
    firefox::Firefox,
    fuzz, laboratory, rows,
    run::{self, run},
    site, slowest,
    tools::{self, Tools, WASM},
    wrap,
};

mod site_build;
mod summary;

use self::site_build::SiteBuild;
use self::summary::{Outcome, summary};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Run only tests whose name contains this; leaves out the steps that are no tests.
    filter: Option<String>,
    /// Run only these steps, separated by commas. (e2e builds the site first.)
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    only: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// The formatting is rustfmt's.
    Fmt,
    /// No warnings from clippy in native code.
    Clippy,
    /// No warnings from clippy in the client as it is compiled for the browser.
    ClippyWasm,
    /// The documentation builds without warnings.
    Doc,
    /// Dependencies have the licenses, versions and sources that deny.toml allows.
    Deny,
    /// The tests that run without a browser.
    Native,
    /// No made-up input makes a decoder panic, or take much more memory than the input.
    Fuzz,
    /// The client's tests, in headless Chrome with a fake camera.
    Browser,
    /// The site builds, and its start and chunks keep to their budgets.
    Site,
    /// Whole calls in real browsers, through the real relay.
    E2e,
    /// Every row of the fault matrix that has a test was tested in this run, and passed.
    Rows,
}

impl Step {
    const ALL: [Step; 11] = [
        Step::Fmt,
        Step::Clippy,
        Step::ClippyWasm,
        Step::Doc,
        Step::Deny,
        Step::Native,
        Step::Fuzz,
        Step::Browser,
        Step::Site,
        Step::E2e,
        Step::Rows,
    ];

    /// The steps to run, in order.
    fn plan(Arguments { filter, only }: &Arguments) -> Vec<Step> {
        let chosen = |step: Step| match (only.is_empty(), filter) {
            (false, _) => only.contains(&step),
            (true, Some(_)) => matches!(step, Step::Native | Step::Browser | Step::E2e),
            (true, None) => true,
        };
        // Whole-system tests of a site from yesterday would mislead.
        Self::ALL
            .into_iter()
            .filter(|step| chosen(*step) || *step == Step::Site && chosen(Step::E2e))
            .collect()
    }

    /// Its name on the command line.
    fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    /// What it establishes: the words of --help.
    fn meaning(self) -> String {
        self.to_possible_value()
            .and_then(|value| Some(value.get_help()?.to_string()))
            .unwrap_or_default()
    }
}

/// What the steps share.
struct Run<'a> {
    filter: Option<&'a str>,
    /// The site, which is built beside the steps before.
    site: Option<SiteBuild>,
    site_is_built: bool,
    /// Where tests write what became of their rows of the fault matrix.
    rows: PathBuf,
    /// Where whole-system tests write how long they took.
    times: PathBuf,
}

impl Run<'_> {
    fn prepare<'a>(arguments: &'a Arguments, plan: &[Step]) -> Result<Run<'a>> {
        let site = plan.contains(&Step::Site).then(SiteBuild::start).transpose()?;
        Ok(Run {
            filter: arguments.filter.as_deref(),
            site,
            site_is_built: false,
            rows: run::fresh_directory("rows")?,
            times: run::fresh_directory("times")?,
        })
    }

    /// Runs tests; what they say about rows and times is kept.
    fn tests(&self, arguments: &[&str]) -> Command {
        let mut test = run::cargo();
        test.args(arguments)
            .args(self.filter)
            .env(visavis_rows::DIRECTORY, &self.rows)
            .env(slowest::DIRECTORY, &self.times);
        test
    }

    fn step(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Fmt => {
                tools::rustup_component("rustfmt", "fmt")?;
                cargo(&["fmt", "--all", "--check"])?;
                cargo(&["fmt", "--manifest-path", fuzz::MANIFEST, "--check"])?;
                wrap::check()
            }
            Step::Clippy => {
                tools::rustup_component("clippy", "clippy")?;
                cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
                fuzz::clippy()
            }
            Step::ClippyWasm => {
                tools::rustup_component("clippy", "clippy")?;
                tools::wasm_target()?;
                cargo(&[
                    "clippy",
                    "-p",
                    "visavis",
                    "--target",
                    WASM,
                    "--all-targets",
                    "--",
                    "-D",
                    "warnings",
                ])
            }
            Step::Doc => run(run::cargo()
                .args(["doc", "--no-deps", "--workspace"])
                .env("RUSTDOCFLAGS", "-D warnings")),
            Step::Deny => deny::check(),
            Step::Fuzz => fuzz::check(),
            Step::Native => {
                laboratory::prepare();
                let path = tools::nextest()?;
                let all = ["--workspace", "--exclude", "visavis-e2e"];
                // A filter may fit tests in browsers alone.
                let nextest = ["nextest", "run", "--no-tests=pass"];
                let tests = run(self.tests(&[&nextest[..], &all].concat()).env("PATH", path));
                // nextest runs none of the examples in the documentation.
                tests.and(run(
                    &mut self.tests(&[&["test", "--doc", "--quiet"][..], &all].concat())
                ))
            }
            Step::Browser => in_browser(self.filter),
            Step::Site => {
                let site = match self.site.take() {
                    Some(site) => site,
                    None => SiteBuild::start()?,
                };
                let (status, output) = site.finish()?;
                print!("{output}");
                // A site that is only too large can still be tested.
                self.site_is_built = [Some(0), Some(i32::from(site::OVER_BUDGET))].contains(&status);
                if status != Some(0) {
                    bail!("the site does not build, or is too large: see above");
                }
                Ok(())
            }
            Step::E2e if !self.site_is_built => bail!("not run, because there is no site to test"),
            Step::E2e => self.whole_system(),
            Step::Rows => rows::check(&self.rows),
        }
    }

    fn whole_system(&self) -> Result<()> {
        // Two at a time; those that measure, or need both processors, wait until they are alone.
        let arguments = ["test", "--no-fail-fast", "-p", "visavis-e2e"];
        let mut test = self.tests(&arguments);
        on_site(&mut test)?;
        if let Some(shell) = Browser::ready()?.headless_shell() {
            test.env("VISAVIS_HEADLESS_SHELL", shell);
        }
        run(test.args(["--", "--test-threads=2"]))
    }
}

/// Tells tests, or measurements, where the site and the browsers are.
pub(crate) fn on_site(command: &mut Command) -> Result<&mut Command> {
    laboratory::prepare();
    let (chromium, firefox) = (Browser::ready()?, Firefox::ready()?);
    Ok(command
        .env("VISAVIS_SITE", site::dist())
        .env("VISAVIS_DOCUMENTS", documents::ready()?)
        .env("VISAVIS_CHROMIUM", &chromium.chromium)
        .env("VISAVIS_CHROMEDRIVER", &chromium.driver)
        .env("VISAVIS_FIREFOX", &firefox.firefox)
        .env("VISAVIS_GECKODRIVER", &firefox.driver))
}

fn cargo(arguments: &[&str]) -> Result<()> {
    run(run::cargo().args(arguments))
}

fn in_browser(filter: Option<&str>) -> Result<()> {
    let tools = Tools::ready()?;
    let browser = Browser::ready()?;
    let settings = run::own_dir()?.join("webdriver.json");
    fs::write(&settings, browser.webdriver_json())?;
    let mut test = run::cargo();
    // The wire as well: in a browser other code reads and writes it than natively.
    test.args([
        "test",
        "-p",
        "visavis",
        "-p",
        "visavis-protocol",
        "--target",
        WASM,
        "--no-fail-fast",
        "--test",
        "*",
    ])
    .args(filter);
    test.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        tools.wasm_test_runner()?,
    )
    .env("CHROMEDRIVER", &browser.driver)
    .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", settings)
    // Seconds for one file of tests; the default of 20 is little for real media on a busy machine.
    .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
    // Also for tests that don't ask for one: without, they would run in Node, which nobody else needs.
    .env("WASM_BINDGEN_USE_BROWSER", "1");
    // Any of these would make the runner choose another browser.
    for other in ["GECKODRIVER", "SAFARIDRIVER", "MSEDGEDRIVER"] {
        test.env_remove(other).env_remove(format!("{other}_REMOTE"));
    }
    run(test.env_remove("CHROMEDRIVER_REMOTE").env_remove("NO_HEADLESS"))
}

/// Runs the chosen steps. One that fails does not stop the others: a person wants to see all that is wrong at
/// once.
pub(crate) fn test(arguments: &Arguments) -> ExitCode {
    let plan = Step::plan(arguments);
    let mut run = match Run::prepare(arguments, &plan) {
        Ok(run) => run,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    let start = Instant::now();
    let mut outcomes = Vec::new();
    for (index, &step) in plan.iter().enumerate() {
        println!(
            "\n[{}/{}] {}: {}",
            index + 1,
            plan.len(),
            step.name(),
            step.meaning()
        );
        let start = Instant::now();
        let result = run.step(step);
        if let Err(error) = &result {
            println!("FAILED {}: {error:#}", step.name());
        }
        outcomes.push(Outcome {
            step,
            result,
            took: start.elapsed(),
        });
    }
    // The step itself shows them all.
    if !plan.contains(&Step::Rows)
        && let Err(error) = rows::show(&run.rows)
    {
        println!("{error:#}");
    }
    let slowest = slowest::report(&run.times, plan.contains(&Step::Native));
    if !slowest.is_empty() {
        print!("\n{slowest}");
    }
    print!("\n{}", summary(&outcomes, start.elapsed()));
    if outcomes.iter().all(|outcome| outcome.result.is_ok()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(filter: Option<&str>, only: &[Step]) -> Vec<Step> {
        Step::plan(&Arguments {
            filter: filter.map(str::to_owned),
            only: only.to_vec(),
        })
    }

    #[test]
    fn every_step_runs_unless_told_otherwise() {
        assert_eq!(plan(None, &[]), Step::ALL);
        assert_eq!(plan(None, &[Step::Clippy, Step::Fmt]), [Step::Fmt, Step::Clippy]);
    }

    #[test]
    fn a_filter_leaves_tests_only() {
        assert_eq!(
            plan(Some("glare"), &[]),
            [Step::Native, Step::Browser, Step::Site, Step::E2e]
        );
        assert_eq!(plan(Some("glare"), &[Step::Browser]), [Step::Browser]);
    }

    #[test]
    fn whole_system_tests_never_see_an_old_site() {
        assert_eq!(plan(None, &[Step::E2e]), [Step::Site, Step::E2e]);
    }

    #[test]
    fn every_step_says_what_it_is() {
        for step in Step::ALL {
            assert!(!step.name().is_empty() && !step.meaning().is_empty(), "{step:?}");
        }
    }
}
