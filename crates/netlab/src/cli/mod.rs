//! The command line.

pub(crate) mod command;
pub(crate) mod exec;
pub(crate) mod up;

use std::time::Duration;

use visavis_netlab::Nat;

/// The name of a laboratory that is not told another.
pub(crate) const NAME: &str = "lab";

/// Milliseconds, with or without a fraction.
pub(crate) fn milliseconds(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no number of milliseconds, such as 100 or 0.5");
    let milliseconds: f64 = text.parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(milliseconds / 1000.0).map_err(|_| wrong())
}

/// From 0 to 100.
pub(crate) fn percent(text: &str) -> Result<f64, String> {
    let percent = text
        .parse()
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent));
    percent.ok_or_else(|| format!("{text:?} is no percentage; it goes from 0 to 100"))
}

/// Kilobits a second; zero stands for no limit.
pub(crate) fn rate(text: &str) -> Result<Option<u32>, String> {
    let wrong = |_| format!("{text:?} is no number of kilobits a second, such as 2000, or 0 for no limit");
    text.parse()
        .map(|rate| Some(rate).filter(|rate| *rate > 0))
        .map_err(wrong)
}

/// HOST=KIND.
pub(crate) fn nat(text: &str) -> Result<(String, Nat), String> {
    match text.split_once('=') {
        Some((host, "cone")) => Ok((host.to_owned(), Nat::Cone)),
        Some((host, "symmetric")) => Ok((host.to_owned(), Nat::Symmetric)),
        _ => Err(format!("{text:?} is not of the form HOST=cone or HOST=symmetric")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_or_explained() {
        assert_eq!(milliseconds("100").unwrap(), Duration::from_millis(100));
        assert_eq!(milliseconds("0.5").unwrap(), Duration::from_micros(500));
        for wrong in ["-1", "soon", "NaN", "inf", ""] {
            assert!(milliseconds(wrong).is_err(), "{wrong}");
        }
        assert_eq!(percent("2.5").unwrap(), 2.5);
        for wrong in ["-1", "101", "NaN", "2%"] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
        assert_eq!((rate("2000").unwrap(), rate("0").unwrap()), (Some(2000), None));
        assert!(rate("fast").is_err());
    }

    #[test]
    fn translators_are_read_or_explained() {
        assert_eq!(nat("alice=cone").unwrap(), ("alice".to_owned(), Nat::Cone));
        assert_eq!(nat("bob=symmetric").unwrap(), ("bob".to_owned(), Nat::Symmetric));
        let error = nat("alice").unwrap_err();
        assert_eq!(error, "\"alice\" is not of the form HOST=cone or HOST=symmetric");
    }
}
