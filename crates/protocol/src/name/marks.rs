//! Marks: characters that stand on, in or under the one before.

use super::joins;

/// How many marks may stand on one character. Scripts need up to four; more leave their line.
const MOST_MARKS: usize = 4;

/// The marks that people stack (Unicode, categories Mn and Me), in the first 65,536 characters. Scripts that
/// are not here have few of them.
const MARKS: [(u16, u16); 44] = [
    (0x300, 0x36f),
    (0x483, 0x489),
    (0x591, 0x5c7),
    (0x610, 0x61a),
    (0x64b, 0x65f),
    (0x670, 0x670),
    (0x6d6, 0x6dc),
    (0x6df, 0x6e8),
    (0x6ea, 0x6ed),
    (0x711, 0x711),
    (0x730, 0x74a),
    (0x7a6, 0x7b0),
    (0x7eb, 0x7f3),
    (0x816, 0x82d),
    (0x859, 0x85b),
    (0x898, 0x89f),
    (0x8ca, 0x8ff),
    (0xdca, 0xdd6),
    (0xe31, 0xe31),
    (0xe34, 0xe3a),
    (0xe47, 0xe4e),
    (0xeb1, 0xeb1),
    (0xeb4, 0xebc),
    (0xec8, 0xece),
    (0xf18, 0xf19),
    (0xf71, 0xf84),
    (0xf86, 0xf87),
    (0xf8d, 0xfbc),
    (0x102d, 0x1030),
    (0x1032, 0x1037),
    (0x1039, 0x103a),
    (0x135d, 0x135f),
    (0x1712, 0x1734),
    (0x17b7, 0x17d3),
    (0x1a17, 0x1a7f),
    (0x1ab0, 0x1aff),
    (0x1b34, 0x1b44),
    (0x1b6b, 0x1b73),
    (0x1dc0, 0x1dff),
    (0x20d0, 0x20ff),
    (0x302a, 0x302f),
    (0x3099, 0x309a),
    (0xa66f, 0xa67d),
    (0xfe20, 0xfe2f),
];

/// Whether a character is a mark.
pub(super) fn is_mark(character: char) -> bool {
    let Ok(code) = u16::try_from(u32::from(character)) else {
        return false;
    };
    // Scripts of India share one plan: signs above and below, vowels, the virama.
    let is_indic = || {
        matches!(code, 0x900..=0xd7f)
            && matches!(code & 0x7f, 0..=3 | 0x3a..=0x3c | 0x3e..=0x4d | 0x51..=0x57)
    };
    let is_between = |(first, last): &(u16, u16)| (*first..=*last).contains(&code);
    is_indic() || MARKS.iter().any(is_between)
}

/// Counts the marks on each character of a text.
pub(crate) struct Marks {
    since_character: usize,
}

impl Marks {
    /// For a text that begins: what stands before it is not its own, and nothing may stand on that.
    pub(crate) fn new() -> Self {
        Self {
            since_character: MOST_MARKS,
        }
    }

    /// Whether the next character of the text may stay.
    pub(crate) fn fit(&mut self, character: char) -> bool {
        let is_alone = !is_mark(character) && !joins(character);
        self.since_character = if is_alone { 0 } else { self.since_character + 1 };
        self.since_character <= MOST_MARKS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(MARKS.iter().all(|(first, last)| first <= last));
        assert!(MARKS.is_sorted_by(|one, next| one.1 < next.0));
    }

    #[test]
    fn letters_are_no_marks() {
        for letter in "aéжאعकঅগதಕമรລབမខ한カ漢𝐀🙂".chars() {
            assert!(!is_mark(letter), "{letter:?}");
        }
        for mark in [
            '\u{301}', '\u{5b0}', '\u{64e}', '\u{94d}', '\u{e49}', '\u{fa4}', '\u{20dd}',
        ] {
            assert!(is_mark(mark), "{mark:?}");
        }
    }
}
