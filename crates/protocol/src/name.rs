//! What people call themselves.

use std::fmt;

use serde::Serialize;

mod likeness;
mod marks;

pub use likeness::is_page_word;
pub(crate) use marks::Marks;

/// The longest name, in characters.
pub const MAX_NAME_CHARACTERS: usize = 40;

/// The name that a person has chosen: one line of text, or nothing. Everybody may choose any name, so it
/// proves nothing.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct PersonName(String);

impl PersonName {
    /// Takes text that somebody typed or sent. Left out are blanks around it, characters that can't be seen
    /// or that change the direction of the text beside it (Unicode Standard Annex 9, section 2), marks beyond
    /// four on one character, and everything beyond [`MAX_NAME_CHARACTERS`]. If nothing visible is left,
    /// there is no name.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut name = String::new();
        let mut length = 0;
        let mut blank = false;
        let mut visible = false;
        let mut marks = Marks::new();
        for character in text.chars() {
            if is_blank(character) {
                blank = !name.is_empty();
            }
            if is_blank(character) || is_invisible(character) || !marks.fit(character) {
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
            visible |= !joins(character);
        }
        Self(if visible { name } else { String::new() })
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

/// The longest name that may be given at the door, in characters: enough for a sealed one.
pub const MAX_GIVEN_NAME_CHARACTERS: usize = 512;

/// The name that somebody gives to the relay, for the host if they have to knock. In an open room it is a
/// [`PersonName`]; in a sealed one, only the people in the room can read it. Opaque to the relay.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct GivenName(String);

impl GivenName {
    /// Takes text that somebody sent. What is beyond [`MAX_GIVEN_NAME_CHARACTERS`] is left out.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.chars().take(MAX_GIVEN_NAME_CHARACTERS).collect())
    }

    /// The text; empty if no name is given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether none is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for GivenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GivenName(…)")
    }
}

/// Whether it ends a word: the blanks and separators of Unicode (category Z), and control characters.
pub(crate) fn is_blank(character: char) -> bool {
    match character {
        ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' => true,
        '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => true,
        _ => character.is_control(),
    }
}

/// Whether it takes no space, or empty space, or is a mark of direction.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}' | '\u{1160}'
            | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether it changes what stands beside it, which scripts and emoji need, and is nothing by itself.
fn joins(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
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
        assert_eq!(name("Ada\u{2028}King\u{3000}\u{a0}Noel\u{2003}"), "Ada King Noel");
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
    fn what_can_not_be_seen_is_no_name() {
        for text in [
            "\u{a0}",
            "\u{3164}",
            "\u{200d}\u{fe0f}",
            "\u{2800}\u{ad}",
            "\u{e0041}",
        ] {
            assert!(PersonName::new(text).is_empty(), "{text:?}");
        }
        let heart = "❤\u{fe0f}";
        assert_eq!(name(heart), heart);
    }

    #[test]
    fn marks_do_not_pile_up() {
        let zalgo = |marks: usize| format!("Z{}o{}", "\u{301}".repeat(marks), "\u{20dd}".repeat(marks));
        assert_eq!(name(&zalgo(38)), zalgo(4));
        assert_eq!(name(&zalgo(4)), zalgo(4));
        assert_eq!(
            name("\u{301}\u{301}Ada"),
            "Ada",
            "nor on what stands before the name"
        );
        // What is left out does not begin a new character.
        assert_eq!(
            name(&"a\u{301}\u{202e}\u{301}\u{34f}".repeat(5)),
            "a\u{301}\u{301}".repeat(5)
        );
        let stacked = "a".to_owned() + &"\u{301}\u{202e}".repeat(20);
        assert_eq!(name(&stacked), "a\u{301}\u{301}\u{301}\u{301}");
    }

    #[test]
    fn scripts_keep_their_marks() {
        for text in [
            "Nguyễn Thị Hằng",
            "Nguye\u{302}\u{303}n",
            "שָׁלוֹם",
            "مُحَمَّد",
            "क्षिप्रा",
            "สมศักดิ์",
            "བསྒྲུབས",
            "မြန်မာ",
            "កម្ពុជា",
            "ಶ್ರೀಲಕ್ಷ್ಮಿ",
            "മലയാളം",
            "한국어",
            "1\u{fe0f}\u{20e3}",
            "❤\u{fe0f}\u{200d}🔥",
        ] {
            assert_eq!(name(text), text);
        }
    }

    #[test]
    fn names_never_reach_a_log() {
        assert_eq!(format!("{:?}", PersonName::new("Ada")), "PersonName(…)");
    }
}
