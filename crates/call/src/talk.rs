//! What is said beside a call: what we have written, and what there is to read.

use std::sync::Arc;

use visavis_protocol::id::PeerId;
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::MessageNumber;
use visavis_protocol::talk::{Reaction, Words};

use crate::timer::Time;
use crate::view::{Remark, Written};

/// How many of our own messages are kept for those who join.
const MOST_OWN: usize = 200;

/// How many messages are kept to be read.
const MOST_REMARKS: usize = 500;

/// One number for what is written in the open call, and one for private ones.
pub(crate) type ByKind = [MessageNumber; 2];

/// Where the number for a kind of call stands.
pub(crate) fn index(private: bool) -> usize {
    usize::from(private)
}

/// Something that we have written.
#[derive(Debug, Clone, Hash)]
pub(crate) struct Own {
    pub(crate) number: MessageNumber,
    /// In a call with this person alone.
    pub(crate) with: Option<PeerId>,
    pub(crate) at: Time,
    pub(crate) words: Words,
}

/// What was said in this room, and what we show of ourselves.
#[derive(Debug, Clone, Hash, Default)]
pub(crate) struct Talk {
    /// Goes on in other rooms: we are the same person there.
    last_number: MessageNumber,
    last_remark: u64,
    own: Vec<Own>,
    remarks: Arc<Vec<Remark>>,
    pub(crate) hand: bool,
    /// What we feel like, and until when that is shown.
    pub(crate) reaction: Option<(Reaction, Time)>,
}

impl Talk {
    /// What there is to read of what we have written before the page was loaded anew.
    pub(crate) fn after_reload(written: Vec<Written>) -> Self {
        let mut talk = Self::default();
        for Written { at, private, words } in written {
            talk.read(at, None, PersonName::default(), private, 0, words);
        }
        talk
    }

    /// We have written something.
    pub(crate) fn write(&mut self, at: Time, with: Option<PeerId>, words: Words) {
        self.last_number += 1;
        let number = self.last_number;
        let private = with.is_some();
        self.read(at, None, PersonName::default(), private, number, words.clone());
        keep_newest(&mut self.own, MOST_OWN);
        self.own.push(Own {
            number,
            with,
            at,
            words,
        });
    }

    /// Something is there to be read. What was written before other things stands before them.
    pub(crate) fn read(
        &mut self,
        at: Time,
        from: Option<PeerId>,
        name: PersonName,
        private: bool,
        number: MessageNumber,
        words: Words,
    ) {
        self.last_remark += 1;
        let remark = Remark {
            id: self.last_remark,
            from,
            name,
            private,
            at,
            number,
            words,
        };
        let remarks = Arc::make_mut(&mut self.remarks);
        keep_newest(remarks, MOST_REMARKS);
        let place = remarks.iter().rposition(|other| other.at <= at);
        remarks.insert(place.map_or(0, |before| before + 1), remark);
    }

    /// What we have written after this number, in the open call, or to this person alone.
    pub(crate) fn after(&self, number: MessageNumber, with: Option<&PeerId>) -> Vec<Own> {
        let meant = |own: &&Own| own.number > number && own.with.as_ref() == with;
        self.own.iter().filter(meant).cloned().collect()
    }

    pub(crate) fn remarks(&self) -> Arc<Vec<Remark>> {
        Arc::clone(&self.remarks)
    }

    /// We have left the room: what was said stays there.
    pub(crate) fn leave(&mut self) {
        self.own.clear();
        self.remarks = Arc::default();
    }
}

/// Makes room for one more.
fn keep_newest<T>(list: &mut Vec<T>, most: usize) {
    if list.len() >= most {
        list.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Words {
        Words::new(text).unwrap()
    }

    fn texts(talk: &Talk) -> Vec<String> {
        let remarks = talk.remarks();
        remarks
            .iter()
            .map(|remark| remark.words.as_str().to_owned())
            .collect()
    }

    #[test]
    fn what_was_written_before_stands_before() {
        let mut talk = Talk::default();
        let mut read =
            |at, text: &str| talk.read(Time(at), None, PersonName::default(), false, 0, words(text));
        read(10, "a");
        read(30, "c");
        read(20, "b");
        read(30, "d");
        read(5, "first");
        assert_eq!(texts(&talk), ["first", "a", "b", "c", "d"]);
    }

    #[test]
    fn the_newest_are_kept() {
        let mut talk = Talk::default();
        for number in 0..1000 {
            talk.write(Time(number), None, words(&number.to_string()));
        }
        assert_eq!(talk.after(0, None).len(), MOST_OWN);
        assert_eq!(texts(&talk).len(), MOST_REMARKS);
        assert_eq!(texts(&talk).last().unwrap(), "999");
        talk.leave();
        assert!(texts(&talk).is_empty() && talk.after(0, None).is_empty());
        talk.write(Time(1000), None, words("again"));
        assert_eq!(talk.after(0, None)[0].number, 1001, "numbers go on");
    }

    #[test]
    fn what_is_written_to_one_is_not_for_all() {
        let mut talk = Talk::default();
        let ada = PeerId::new("ada").unwrap();
        talk.write(Time(1), None, words("to all"));
        talk.write(Time(2), Some(ada.clone()), words("to Ada"));
        let numbers = |with| {
            talk.after(0, with)
                .iter()
                .map(|own| own.number)
                .collect::<Vec<_>>()
        };
        assert_eq!(numbers(None), [1]);
        assert_eq!(numbers(Some(&ada)), [2]);
        assert!(numbers(Some(&PeerId::new("eve").unwrap())).is_empty());
    }
}
