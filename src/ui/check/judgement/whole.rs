//! All checks together.

use super::{Check, Finding, Outcome};

/// All in one sentence, once everything is done.
pub(in crate::ui::check) fn summary(outcomes: &[Outcome]) -> &'static str {
    let any = |outcome| outcomes.contains(&outcome);
    if any(Outcome::Running) {
        "Checking. This takes up to half a minute."
    } else if any(Outcome::Waiting) {
        "See whether calls will work from here: camera, microphone, and the ways through the network."
    } else if any(Outcome::Failed) {
        "Not everything works yet. Each trouble below says what you can do."
    } else if any(Outcome::Skipped) {
        "All that this site offers works."
    } else {
        "Everything works. You are ready for a call."
    }
}

/// The result, to be passed on. It holds no address, no name and no room.
pub(in crate::ui::check) fn report(version: &str, browser: &str, findings: &[(Check, Finding)]) -> String {
    let mut report = format!("visavis {version}\n{browser}\n");
    for (check, finding) in findings {
        let (title, outcome, sentence) = (check.title(), finding.outcome.name(), &finding.sentence);
        report += &format!("{title}: {outcome}. {sentence}\n");
    }
    report
}
