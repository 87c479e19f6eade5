//! Changes to an input that leave JSON what it is. Changed bytes rarely are another message.

use libfuzzer_sys::fuzzer_mutate;
use serde_json::{Map, Value, json};

/// Fields of messages, of config.json, and of the target `json`, by what is usually in them.
const FLAGS: &str = "warm private camera microphone screen busy earlyCandidates up echoCancellation truth";
const NUMBERS: &str = "number ack after connection to replaces exchange sdpMLineIndex ago position tie width \
    capacity expiresIn frameRate";
const TEXTS: &str = "type to from peer you host door state room secret reason reaction call name text sdp code \
    detail candidate sdpMid usernameFragment urls username credential relay signaling instantCalls list";
const OBJECTS: &str = "body place media object objects iceServers message";

/// What a message can be.
const KINDS: &str = "welcome joined full room knock knock-over ready away left token message error ping join \
    name leave send door admit refuse remove host hello offer answer candidate call ringing media hang-up \
    give-up decline say heard react hand show";

/// Other words that mean something.
const WORDS: &str = "open private knock locked left lost bad-message not-joined already-joined no-such-peer \
    replaced too-slow busy not-host refused removed thumbs-up clap abe bob ada stun:stun.example.org \
    turn:turn.example.org /signal wss://relay.example.org auto relay this-browser on only-turn off nothing";

/// Steps of the target `call`.
const STEPS: &str = ". . . +1 +50 +1000 +3000 +20000 +3600000 _ ~ ?0 ?1 ?2 ?3 ?4 ?5 ?6 ?7 ?8 ?9 ?10 ?11 ?12 ?13 \
    ?14 ?15 !0 !1 !2 !3 !4 !5 !6 !7 !8 !9 !10 !11 !12 !13 !14 !15 !16 !17 !18 !19 !20 !21 !22 !23 !24 !25 !26 \
    !27 !28";

/// Pseudorandom numbers: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % end.max(1)
    }

    fn word(&mut self, words: &'static str) -> &'static str {
        let words: Vec<_> = words.split_whitespace().collect();
        words[self.below(words.len())]
    }

    fn number(&mut self) -> Value {
        match self.below(8) {
            0 => u32::MAX.into(),
            1 => ((1_u64 << 53) - self.below(2) as u64).into(),
            2 => json!(-1),
            3 => json!(1.5),
            _ => self.below(12).into(),
        }
    }

    fn text(&mut self) -> Value {
        match self.below(8) {
            0 => "x\u{301}\u{202e}\n".repeat(self.below(30)).into(),
            1 => "x".repeat(60 + self.below(8)).into(),
            2 => Value::Null,
            _ => self.word(WORDS).into(),
        }
    }

    fn value(&mut self, field: &str) -> Value {
        let is_in = |fields: &str| fields.split_whitespace().any(|known| known == field);
        match self.below(8) {
            0 => self.text(),
            1 => self.number(),
            2 => json!([self.word(WORDS), { self.word(TEXTS): self.word(WORDS) }]),
            _ if field == "type" => self.word(KINDS).into(),
            _ if is_in(FLAGS) => (self.below(3) > 0).into(),
            _ if is_in(NUMBERS) => self.number(),
            _ if is_in(OBJECTS) => json!({ "type": self.word(KINDS) }),
            _ => self.text(),
        }
    }

    /// Changes what is in a field.
    fn change(&mut self, field: &str, value: &mut Value) {
        match value {
            Value::Object(fields) if self.below(8) > 0 => self.change_fields(fields),
            Value::Array(items) if !items.is_empty() && self.below(8) > 0 => {
                let index = self.below(items.len());
                match self.below(4) {
                    0 => items.push(items[index].clone()),
                    1 => drop(items.remove(index)),
                    _ => self.change("", &mut items[index]),
                }
            }
            Value::String(text) => match serde_json::from_str(text) {
                // A message in a message.
                Ok(Value::Object(mut fields)) => {
                    self.change_fields(&mut fields);
                    *text = Value::Object(fields).to_string();
                }
                _ => *value = self.value(field),
            },
            _ => *value = self.value(field),
        }
    }

    fn change_fields(&mut self, fields: &mut Map<String, Value>) {
        // What a message is about is in its body.
        if let Some(Value::Object(body)) = fields.get_mut("body")
            && self.below(3) > 0
        {
            return self.change_fields(body);
        }
        let known = fields.keys().nth(self.below(fields.len())).cloned();
        match (known, self.below(8)) {
            (Some(name), 0) => drop(fields.remove(&name)),
            (Some(name), 1..=4) => self.change(&name, &mut fields[&name]),
            _ => {
                let kind = [FLAGS, NUMBERS, TEXTS, OBJECTS][self.below(4)];
                let name = self.word(kind);
                let value = self.value(name);
                fields.insert(name.to_owned(), value);
            }
        }
    }

    /// Changes a text that is JSON, behind what stands before the first bracket. Of one that is none, makes
    /// another one now and then.
    fn changed(&mut self, text: &str) -> Option<String> {
        let start = text.find('{').unwrap_or(text.len());
        let (before, text) = text.split_at_checked(start)?;
        let mut value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(_) => match self.below(4) {
                0 => json!({ "type": self.word(KINDS) }),
                1 => json!({ "number": 1, "ack": 0, "connection": 1, "body": { "type": self.word(KINDS) } }),
                _ => return None,
            },
        };
        for _ in 0..=self.below(3) {
            self.change("", &mut value);
        }
        Some(format!("{before}{value}"))
    }

    /// Changes a step, or which there are.
    fn changed_steps(&mut self, text: &str) -> Option<String> {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let index = self.below(lines.len());
        let other = self.below(lines.len() + 1);
        match self.below(8) {
            0 if !lines.is_empty() => drop(lines.remove(index)),
            1 if !lines.is_empty() => lines.insert(other, lines[index].clone()),
            2 if other < lines.len() => lines.swap(index, other),
            3 | 4 => lines.insert(other, self.word(STEPS).to_owned()),
            _ => lines[..]
                .get_mut(index)
                .map(|line| self.changed(line).map(|new| *line = new))??,
        }
        Some(lines.join("\n"))
    }
}

fn mutate(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    change: fn(&mut Random, &str) -> Option<String>,
) -> usize {
    let mut random = Random(seed.into());
    let text = data.get(..size).and_then(|text| str::from_utf8(text).ok());
    let changed = text
        .filter(|_| random.below(8) > 0)
        .and_then(|text| change(&mut random, text));
    match changed {
        Some(text) if text.len() <= max_size => {
            data[..text.len()].copy_from_slice(text.as_bytes());
            text.len()
        }
        _ => fuzzer_mutate(data, size, max_size),
    }
}

/// Changes a text that is JSON, mostly; see `fuzz_mutator!`.
pub fn json(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    mutate(data, size, max_size, seed, Random::changed)
}

/// Changes the steps of the target `call`, mostly.
pub fn steps(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    mutate(data, size, max_size, seed, Random::changed_steps)
}
