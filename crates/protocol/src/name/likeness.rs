//! What names look like, so that nobody is taken for somebody else, or for the page.
//!
//! This is much less than Unicode's table of confusables (Technical Standard 39), which would cost every
//! visitor dozens of kilobytes: case, width, marks, and the letters that look Latin.

use super::marks::is_mark;
use super::{PersonName, is_blank, joins};

/// The words by which the page calls people and itself, as [`PersonName::likeness`] writes them.
const PAGE_WORDS: [&str; 9] = [
    "you",
    "me",
    "host",
    "thehost",
    "somebody",
    "everybody",
    "theotherperson",
    "theothers",
    "vlsavls",
];

/// How it says of a message that only two can read it. (A test in src/ui/locale has it and the page agree.)
const PRIVATELY: &str = "prlvately";

/// The letters U+00C0 to U+017F without their marks.
const LATIN: &[u8; 192] = b"\
    aaaaaaaceeeeiiiidnoooooxouuuuypsaaaaaaaceeeeiiiidnooooo-ouuuuypyaaaaaaccccccccddddeeeeeeeeeegggg\
    gggghhhhiiiiiiiiillljjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/// The letters U+1E00 to U+1EFF without their marks.
const MORE_LATIN: &[u8; 256] = b"\
    aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrr\
    ssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwyassssdaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee\
    eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyllvvyy";

/// Letters of other alphabets, each followed by the Latin one that it looks like, or that its capital looks
/// like: names in capitals are the same.
const LOOK_LATIN: &str = "АaВbЕeЅsІlЇlЈjКkМmНhОoРpСcТtУyХxЬbаaвbмmнhтtеeѕsіlїlјjкkоoрpсcуyхxһhԁdԛqԜwԝwүyҮyӏlӀlёeЁe\
    ΑaΒbΕeΖzΗhΙlΚkΜmΝnΟoΡpΤtΥyΧxαaβbεeζzηhμmτtχxγyιlκkνvοoρpτtυuϲcϳjϹcάaίlόoύu\
    ɑaɡgɩlɪlʏyʙbɴnʀrᴀaᴄcᴅdᴇeᴊjᴋkᴍmᴏoᴘpᴛtᴜuᴠvᴡwᴢz\u{212a}kℓl՛'օoսuհhոnցgսuտs";

impl PersonName {
    /// What it looks like: two names that people could take for each other have the same likeness. It is for
    /// comparison only. Empty for no name.
    #[must_use]
    pub fn likeness(&self) -> String {
        let mut letters: Vec<char> = Vec::new();
        for character in self.as_str().chars() {
            if is_mark(character) || joins(character) || is_blank(character) {
                continue;
            }
            let letter = plain(character);
            match (letters.last(), letter) {
                (Some('r'), 'n') => replace_last(&mut letters, 'm'),
                (Some('v'), 'v') => replace_last(&mut letters, 'w'),
                _ => letters.push(letter),
            }
        }
        without_number(&mut letters);
        let is_word = |letter: &char| !letter.is_ascii_punctuation();
        if letters.iter().any(is_word) {
            letters.retain(is_word);
        }
        letters.into_iter().collect()
    }
}

/// Whether something of this likeness could be the page's own words.
#[must_use]
pub fn is_page_word(likeness: &str) -> bool {
    PAGE_WORDS.contains(&likeness) || likeness.ends_with(PRIVATELY)
}

fn replace_last(letters: &mut [char], letter: char) {
    if let Some(last) = letters.last_mut() {
        *last = letter;
    }
}

/// Takes a number in parentheses off: the page tells people apart by that.
fn without_number(letters: &mut Vec<char>) {
    while letters.last() == Some(&')') {
        let is_number = |letter: &char| letter.is_ascii_digit() || matches!(letter, 'l' | 'o');
        let before = letters[..letters.len() - 1]
            .iter()
            .rposition(|letter| !is_number(letter));
        match before {
            Some(open) if letters[open] == '(' && open > 0 => letters.truncate(open),
            _ => break,
        }
    }
}

/// The small Latin letter that a character looks like; itself if it looks like none that we know.
fn plain(character: char) -> char {
    let code = u32::from(character);
    let table = |table: &[u8], first: u32| char::from(table[(code - first) as usize]);
    let letter = |number: u32| char::from(b'a' + (number % 26) as u8);
    let plain = match code {
        // As wide as Chinese characters.
        0xff01..=0xff5e => char::from((code - 0xff01 + 0x21) as u8),
        0xc0..=0x17f => table(LATIN, 0xc0),
        0x1e00..=0x1eff => table(MORE_LATIN, 0x1e00),
        // Mathematical alphabets, with capitals and small letters in turn; and digits.
        0x1d400..=0x1d6a3 => letter(code - 0x1d400),
        0x1d7ce..=0x1d7ff => char::from(b'0' + ((code - 0x1d7ce) % 10) as u8),
        // In circles and squares.
        0x24b6..=0x24e9 => letter(code - 0x24b6),
        0x1f130..=0x1f149 | 0x1f150..=0x1f169 | 0x1f170..=0x1f189 => letter((code - 0x1f130) % 0x20),
        // Greek and Cyrillic capitals that look like no others.
        0x391..=0x3a9 | 0x410..=0x42f => looks_latin(character)
            .or(char::from_u32(code + 0x20))
            .unwrap_or(character),
        _ => looks_latin(character).unwrap_or(character),
    };
    match plain.to_ascii_lowercase() {
        'i' | '1' | '|' => 'l',
        '0' => 'o',
        plain => plain,
    }
}

fn looks_latin(character: char) -> Option<char> {
    let mut characters = LOOK_LATIN.chars();
    if character.is_ascii() {
        return None;
    }
    characters.find(|known| *known == character)?;
    characters.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(name: &str) -> String {
        PersonName::new(name).likeness()
    }

    #[test]
    fn look_alikes_are_alike() {
        for (name, others) in [
            (
                "Ada",
                &[
                    "ada",
                    "ADA",
                    " A d a ",
                    "Аdа",
                    "Ａｄａ",
                    "Ádà",
                    "A\u{301}d\u{323}a",
                    "𝐀𝖉𝕒",
                    "Ⓐⓓⓐ",
                    "Ada (2)",
                    "Ada （３）",
                    "A\u{200d}da",
                    "A.d.a",
                    "Αdα",
                    "Adạ",
                    "🅰da",
                    "Ada (2) (10)",
                ][..],
            ),
            ("Alice", &["AIice", "A1ice", "Alicе", "ALICE"]),
            ("Bob", &["B0b", "ВоЬ", "Ｂｏｂ"]),
            ("Mia", &["МІА", "Мiа"]),
            ("Merna", &["Mema"]),
            ("Иван", &["иван", "ИВАН"]),
        ] {
            for other in others {
                assert_eq!(likeness(other), likeness(name), "{other}");
            }
        }
    }

    #[test]
    fn other_names_are_not() {
        let names = [
            "Ada", "Eve", "Anna", "Hanna", "Иван", "Ян", "李", "王", "🙂", "🙃", "Ada2", "(2)", "...", "?",
        ];
        for (index, name) in names.iter().enumerate() {
            assert!(!likeness(name).is_empty());
            for other in &names[index + 1..] {
                assert_ne!(likeness(name), likeness(other), "{name} {other}");
            }
        }
        assert_eq!(likeness(""), "");
    }

    #[test]
    fn the_words_of_the_page_are_known_in_disguise() {
        for word in [
            "You",
            "YOU",
            "Υоu",
            "Ｙｏｕ",
            "Y\u{301}ou",
            "you (2)",
            "Host",
            "HOST",
            "Ηost",
            "the host",
            "Somebody",
            "Everybody",
            "the other person",
            "The others",
            "Me",
            "visavis",
            "Ada, privately",
            "ada, PRIVATELY",
            "You, privately",
            "рrivately",
        ] {
            assert!(is_page_word(&likeness(word)), "{word}");
        }
        for name in ["Youri", "Hosta", "Ada", "Mel", "Yousef", "", "Privat"] {
            assert!(!is_page_word(&likeness(name)), "{name}");
        }
    }

    #[test]
    fn every_character_has_a_likeness() {
        for character in '\0'..='\u{1ffff}' {
            let _ = plain(character);
        }
    }
}
