//! Chat messages and reactions.

use std::fmt;

use serde::Serialize;

use crate::json::{JsonError, Object};
use crate::name::{Marks, is_blank, is_invisible};
use crate::number::{MessageNumber, number};

/// The longest text of one message, in characters.
pub const MAX_TEXT_CHARACTERS: usize = 2000;

/// What somebody has written: some lines of text, and never nothing but blanks.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ChatText(String);

impl ChatText {
    /// Takes what somebody typed or sent. Left out are blanks around it, more than one empty line in a row,
    /// characters that can't be seen or that change the direction of what stands beside them (Unicode
    /// Standard Annex 9, section 2), marks beyond four on one character, and everything beyond
    /// [`MAX_TEXT_CHARACTERS`]. `None` if nothing is left.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let mut cleaned = String::new();
        let mut length = 0;
        let mut marks = Marks::new();
        let (mut lines, mut blanks) = (0, 0);
        for character in text.chars() {
            match character {
                '\n' => (lines, blanks) = (lines + 1, 0),
                _ if is_blank(character) => blanks += 1,
                _ if is_invisible(character) || !marks.fit(character) => {}
                _ => {
                    let (ends, gap) = if cleaned.is_empty() {
                        (0, 0)
                    } else {
                        (lines.min(2), blanks)
                    };
                    length += ends + gap + 1;
                    if length > MAX_TEXT_CHARACTERS {
                        break;
                    }
                    cleaned.extend(std::iter::repeat_n('\n', ends));
                    cleaned.extend(std::iter::repeat_n(' ', gap));
                    cleaned.push(character);
                    (lines, blanks) = (0, 0);
                }
            }
        }
        (!cleaned.is_empty()).then_some(Self(cleaned))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ChatText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What people say to each other must not reach a log.
        f.write_str("ChatText(…)")
    }
}

/// Where a message stands among all that were written, for everybody: its writer chooses it once, and it goes
/// with the message wherever that is told again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Place {
    /// Higher than that of every message that the writer had read: milliseconds since 1970 by the writer's
    /// clock, or one more than the highest that they knew, whichever is more.
    pub position: MessageNumber,
    /// Decides between two who wrote at the same moment: a number that each page draws for itself.
    pub tie: MessageNumber,
}

impl Place {
    pub(crate) fn read(object: &Object) -> Result<Self, JsonError> {
        Ok(Self {
            position: number(object.get("position")?)?,
            tie: number(object.get("tie")?)?,
        })
    }
}

/// A feeling, shown as an emoji for a few seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reaction {
    /// 👍
    ThumbsUp,
    /// ❤️
    Heart,
    /// 😂
    Joy,
    /// 😮
    Wow,
    /// 👏
    Clap,
    /// 🎉
    Party,
}

impl Reaction {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::ThumbsUp,
        Self::Heart,
        Self::Joy,
        Self::Wow,
        Self::Clap,
        Self::Party,
    ];

    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ThumbsUp => "thumbs-up",
            Self::Heart => "heart",
            Self::Joy => "joy",
            Self::Wow => "wow",
            Self::Clap => "clap",
            Self::Party => "party",
        }
    }

    /// The one with this name. Others may come with newer versions.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reaction| reaction.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str) -> Option<String> {
        ChatText::new(text).map(|cleaned| cleaned.as_str().to_owned())
    }

    #[test]
    fn words_keep_their_lines() {
        assert_eq!(
            cleaned(" \n one  two\r\n\tthree\n\n\n\n four \n").unwrap(),
            "one  two\n three\n\n four"
        );
    }

    #[test]
    fn nothing_is_not_said() {
        for text in ["", " \n\t ", "\u{200b}\u{202e}\u{feff}", "\u{a0}\u{2028}"] {
            assert_eq!(cleaned(text), None, "{text:?}");
        }
    }

    #[test]
    fn words_end_where_they_get_too_many() {
        assert_eq!(
            cleaned(&"ö".repeat(1_000_000)).unwrap(),
            "ö".repeat(MAX_TEXT_CHARACTERS)
        );
        let full = "a".repeat(MAX_TEXT_CHARACTERS - 2);
        assert_eq!(cleaned(&format!("{full} b")).unwrap(), format!("{full} b"));
        assert_eq!(cleaned(&format!("{full}  b")).unwrap(), full);
        assert_eq!(cleaned(&format!("{full}\n\n b")).unwrap(), full);
    }

    #[test]
    fn words_leave_what_is_around_them_alone() {
        assert_eq!(
            cleaned("\u{202e}evil\u{2066} <b>bold</b>").unwrap(),
            "evil <b>bold</b>"
        );
        let family = "👩\u{200d}👧";
        assert_eq!(cleaned(family).unwrap(), family);
    }

    #[test]
    fn marks_do_not_pile_up() {
        let marks = "\u{301}\u{202e}".repeat(500);
        let expected = format!("a{0} b{0}", "\u{301}".repeat(4));
        assert_eq!(cleaned(&format!("{marks}a{marks} b{marks}")).unwrap(), expected);
        assert_eq!(cleaned(&marks), None);
    }

    #[test]
    fn words_never_reach_a_log() {
        assert_eq!(format!("{:?}", ChatText::new("secret").unwrap()), "ChatText(…)");
    }

    #[test]
    fn every_reaction_is_found_by_the_name_that_is_written() {
        for reaction in Reaction::ALL {
            assert_eq!(Reaction::named(reaction.name()), Some(reaction));
            assert_eq!(
                crate::json::to_text(&[reaction]),
                format!("[\"{}\"]", reaction.name())
            );
        }
        assert_eq!(Reaction::named("shrug"), None);
    }
}
