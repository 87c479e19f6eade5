//! Who somebody is, to the relay.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use sha2::{Digest as _, Sha256};
use visavis_protocol::id::{PeerId, SeatSecret};

/// The name of the person who knows a secret.
///
/// A pure function of the secret: nobody can claim another's name, and a name survives a restart of the
/// relay. A page draws its secret at random, so its name is also a challenge: messages that are sealed for it
/// were sealed since the page was loaded.
#[must_use]
pub fn peer_id(secret: &SeatSecret) -> PeerId {
    let digest = Sha256::new()
        .chain_update(b"visavis seat v1")
        .chain_update(secret.as_str())
        .finalize();
    PeerId::new(Base64UrlUnpadded::encode_string(&digest[..12]))
        .expect("16 characters of base64url are a valid name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_pure_function_of_the_secret() {
        let secret = SeatSecret::new("hunter2").unwrap();
        assert_eq!(peer_id(&secret).as_str(), "s3s5sYUW5cuVhLu7");
    }
}
