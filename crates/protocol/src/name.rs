//! What people call themselves.

use std::fmt;

use serde::Serialize;

/// The longest name, in characters.
pub const MAX_NAME_CHARACTERS: usize = 40;

/// What somebody calls themselves: one line of text, or nothing. Anybody may call themselves anything, so it says
/// nothing about who they are.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct PersonName(String);

impl PersonName {
    /// Takes what somebody typed or sent. Blanks around it, characters that can't be seen or that change the direction
    /// of what stands beside it (Unicode Standard Annex 9, section 2), and whatever is beyond
    /// [`MAX_NAME_CHARACTERS`] are left out.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut name = String::new();
        let mut length = 0;
        let mut blank = false;
        for character in text.chars().filter(|character| !is_invisible(*character)) {
            if character.is_control() || character == ' ' {
                blank = !name.is_empty();
                continue;
            }
            let needed = 1 + usize::from(blank);
            if length + needed > MAX_NAME_CHARACTERS {
                break;
            }
            if std::mem::take(&mut blank) {
                name.push(' ');
            }
            name.push(character);
            length += needed;
        }
        Self(name)
    }

    /// The name; empty if there is none.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Marks and embeddings of direction, separators of lines, and what takes no space. Joiners are not among them: scripts
/// and emoji need them.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
    )
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Who meets whom must not reach a log.
        f.write_str("PersonName(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> String {
        PersonName::new(text).as_str().to_owned()
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(name("Ada Lovelace"), "Ada Lovelace");
        assert_eq!(name("  Ada \n\t Lovelace  "), "Ada Lovelace");
        assert_eq!(name(" \u{0}\r\n"), "");
        assert!(PersonName::new("").is_empty());
    }

    #[test]
    fn a_name_ends_where_it_gets_too_long() {
        assert_eq!(name(&"ö".repeat(1_000_000)), "ö".repeat(40));
        assert_eq!(name(&format!("{} b", "a".repeat(39))), "a".repeat(39));
        assert_eq!(
            name(&format!("{} b", "a".repeat(38))),
            format!("{} b", "a".repeat(38))
        );
    }

    #[test]
    fn a_name_leaves_the_words_around_it_alone() {
        assert_eq!(name("\u{202e}eve\u{2066}\u{feff}"), "eve");
        assert_eq!(name("<b>Bob</b>"), "<b>Bob</b>", "markup is shown as text");
        assert_eq!(name("עדה"), "עדה");
        let family = "👩\u{200d}👧";
        assert_eq!(name(family), family, "joiners make one picture of two");
    }

    #[test]
    fn names_never_reach_a_log() {
        assert_eq!(format!("{:?}", PersonName::new("Ada")), "PersonName(…)");
    }
}
