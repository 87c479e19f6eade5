//! What `cargo xtask test` prints at its end.

use std::time::Duration;

use anyhow::Result;

use super::Step;

/// How a step ended.
pub(super) struct Outcome {
    pub(super) step: Step,
    pub(super) result: Result<()>,
    pub(super) took: Duration,
}

/// One line for each step, and how long all took. The last line counts them, for programs to read.
pub(super) fn summary(outcomes: &[Outcome], in_all: Duration) -> String {
    let mut summary = String::new();
    for Outcome { step, result, took } in outcomes {
        let (mark, why) = match result {
            Ok(()) => ("ok    ", String::new()),
            Err(error) => ("FAILED", format!("  {error:#}")),
        };
        summary += &format!(
            "{mark}  {:<11}  {:>6.1} s{why}\n",
            step.name(),
            took.as_secs_f64()
        );
    }
    summary += &format!("        {:<11}  {:>6.1} s\n", "in all", in_all.as_secs_f64());
    let failed = outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
    summary + &format!("{} passed, {failed} failed\n", outcomes.len() - failed)
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn the_last_line_of_the_summary_counts_the_steps() {
        let took = Duration::from_millis(1250);
        let outcomes = [
            Outcome {
                step: Step::Fmt,
                result: Ok(()),
                took,
            },
            Outcome {
                step: Step::ClippyWasm,
                result: Err(anyhow!("`cargo clippy` failed")),
                took,
            },
        ];
        let expected = "\
ok      fmt             1.2 s
FAILED  clippy-wasm     1.2 s  `cargo clippy` failed
        in all         62.5 s
1 passed, 1 failed
";
        assert_eq!(summary(&outcomes, Duration::from_millis(62_500)), expected);
    }
}
