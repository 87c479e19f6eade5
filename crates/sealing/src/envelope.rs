//! What is said through the relay, sealed.
//!
//! ```text
//! base64url( version 1 | challenge 16 | number 8 | XChaCha20-Poly1305( text 0x80 0x00* ) )
//!                       └── the nonce, 24 bytes ──┘
//! ```
//!
//! Associated data: version, subject, and, each after its length, the room, the sender and the receiver.

use std::fmt;
use std::hash::{Hash, Hasher};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use chacha20poly1305::aead::{AeadInOut as _, KeyInit as _};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use visavis_protocol::id::{PeerId, RoomId};

use crate::RoomSecret;

/// The size of texts is rounded up to steps of so many bytes, so that it tells little about them.
pub const PADDING: usize = 256;

/// The first byte of everything that is sealed.
const VERSION: u8 = 1;

const NONCE: usize = 24;

/// How many bytes of the nonce a page draws; the rest counts.
const CHALLENGE: usize = 16;

/// Version and nonce.
const HEADER: usize = 1 + NONCE;

/// The mark behind the text (ISO/IEC 7816-4).
const END: u8 = 0x80;

/// What is sealed. Nothing that was sealed as one can be opened as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A peer message, for one person in the room.
    Message = 1,
    /// The name of somebody who knocks, for whoever is host.
    Name = 2,
}

/// Why something can't be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unopened {
    /// It is not sealed, or in a way that this version does not know.
    NotSealed,
    /// It was sealed with another key, by or for somebody else, in another room or another page's time, or
    /// was changed on its way.
    Forged,
    /// It was opened before, or something later was.
    Stale,
}

/// The number of the last thing that was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Opened {
    message: u64,
    name: u64,
    /// In the room where we are.
    here: bool,
}

/// Of how many people something is opened. Whoever knows the secret can make ever new ones.
const MOST_PEOPLE: usize = 4096;

/// Seals what one page says in a room, and opens what it hears there.
///
/// It numbers what it seals, over all rooms that the page visits, and opens each person's messages in the
/// order of their numbers only. The same name may be opened again: the relay repeats it to a new host.
#[derive(Clone)]
pub struct Seal {
    cipher: XChaCha20Poly1305,
    room: RoomId,
    /// Makes the page's nonces its own.
    challenge: [u8; CHALLENGE],
    sealed: u64,
    /// Those of whom something could be opened: people who know the secret, however many the relay invents.
    opened: Vec<(PeerId, Opened)>,
}

impl Seal {
    /// For a room. The challenge has to be random.
    #[must_use]
    pub fn new(secret: &RoomSecret, challenge: [u8; CHALLENGE]) -> Self {
        Self {
            cipher: XChaCha20Poly1305::new(&secret.key().into()),
            room: secret.room(),
            challenge,
            sealed: 0,
            opened: Vec::new(),
        }
    }

    /// Goes to another room. Numbers go on, here and there: the page may come back.
    pub fn enter(&mut self, secret: &RoomSecret) {
        self.cipher = XChaCha20Poly1305::new(&secret.key().into());
        self.room = secret.room();
        for (_, opened) in &mut self.opened {
            opened.here = false;
        }
    }

    /// Seals a text from one person to another; a name has no receiver.
    pub fn seal(&mut self, subject: Subject, from: &PeerId, to: Option<&PeerId>, text: &str) -> String {
        self.sealed += 1;
        let mut bytes = Vec::with_capacity(HEADER + text.len() + PADDING + 16);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.challenge);
        bytes.extend_from_slice(&self.sealed.to_be_bytes());
        let nonce = nonce(&bytes);
        let mut content = Vec::with_capacity(text.len() + PADDING + 16);
        content.extend_from_slice(text.as_bytes());
        content.push(END);
        content.resize(content.len().next_multiple_of(PADDING), 0);
        let data = self.associated_data(subject, from, to);
        self.cipher
            .encrypt_in_place(&nonce, &data, &mut content)
            .expect("a text is far below 256 GB");
        bytes.append(&mut content);
        Base64UrlUnpadded::encode_string(&bytes)
    }

    /// Opens what somebody has sealed for us; a name has no receiver.
    ///
    /// # Errors
    /// [`Unopened`] says why it can't be opened. Nothing else has changed then.
    pub fn open(
        &mut self,
        subject: Subject,
        from: &PeerId,
        to: Option<&PeerId>,
        sealed: &str,
    ) -> Result<String, Unopened> {
        let bytes = Base64UrlUnpadded::decode_vec(sealed).map_err(|_| Unopened::NotSealed)?;
        if bytes.len() < HEADER || bytes[0] != VERSION {
            return Err(Unopened::NotSealed);
        }
        let (header, content) = bytes.split_at(HEADER);
        let mut content = content.to_vec();
        let data = self.associated_data(subject, from, to);
        self.cipher
            .decrypt_in_place(&nonce(header), &data, &mut content)
            .map_err(|_| Unopened::Forged)?;
        // Whoever knows the key may have sealed nonsense.
        let end = content.iter().rposition(|byte| *byte != 0);
        let end = end.filter(|end| content[*end] == END).ok_or(Unopened::Forged)?;
        content.truncate(end);
        let text = String::from_utf8(content).map_err(|_| Unopened::Forged)?;
        let number = header[HEADER - 8..]
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte));
        self.count(subject, from, number)?;
        Ok(text)
    }

    /// Whether something of somebody's could be opened in this room.
    #[must_use]
    pub fn knows(&self, person: &PeerId) -> bool {
        self.opened
            .iter()
            .any(|(known, opened)| known == person && opened.here)
    }

    fn count(&mut self, subject: Subject, from: &PeerId, number: u64) -> Result<(), Unopened> {
        let index = match self.opened.iter().position(|(known, _)| known == from) {
            Some(index) => index,
            None if self.opened.len() >= MOST_PEOPLE => return Err(Unopened::Stale),
            None => {
                self.opened.push((from.clone(), Opened::default()));
                self.opened.len() - 1
            }
        };
        let opened = &mut self.opened[index].1;
        let last = match subject {
            Subject::Message => &mut opened.message,
            Subject::Name => &mut opened.name,
        };
        let is_again = number == *last;
        if number < *last || (is_again && subject == Subject::Message) {
            return Err(Unopened::Stale);
        }
        *last = number;
        opened.here = true;
        Ok(())
    }

    fn associated_data(&self, subject: Subject, from: &PeerId, to: Option<&PeerId>) -> Vec<u8> {
        let mut data = vec![VERSION, subject as u8];
        let to = to.map_or("", PeerId::as_str);
        for name in [self.room.as_str(), from.as_str(), to] {
            // A name has at most 64 characters.
            #[expect(clippy::cast_possible_truncation)]
            data.push(name.len() as u8);
            data.extend_from_slice(name.as_bytes());
        }
        data
    }
}

/// The nonce in a header.
fn nonce(header: &[u8]) -> XNonce {
    let mut nonce = [0; NONCE];
    nonce.copy_from_slice(&header[1..HEADER]);
    nonce.into()
}

/// Of what changes; two seals of one page differ in nothing else but the room.
impl Hash for Seal {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (&self.room, self.sealed, &self.opened).hash(hasher);
    }
}

/// Neither the key nor whom it was used with.
impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(…)")
    }
}
