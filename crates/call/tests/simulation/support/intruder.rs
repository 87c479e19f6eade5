//! What a relay says that puts itself between people.

use visavis_protocol::dialect::native::{decode_peer, encode_peer};
use visavis_protocol::peer::{ConnectionId, PeerBody, PeerMessage};
use visavis_protocol::relay::PeerText;

use super::description::{Description, Sections};

/// The serial of its connection.
const ITS_OWN: u32 = 666_666;

/// An offer for a connection with it.
pub(crate) fn its_offer() -> PeerText {
    let description = Description {
        serial: ITS_OWN,
        version: 1,
        ufrag: "intruder".into(),
        sections: Sections::BOTH,
        sends: Sections::BOTH,
        ..Description::default()
    };
    encode_peer(&PeerMessage {
        number: 1000,
        ack: 1000,
        after: Some(0),
        connection: ConnectionId(1000),
        to: None,
        replaces: None,
        body: PeerBody::Offer {
            sdp: description.to_sdp(),
            exchange: 1,
            warm: false,
            private: false,
        },
    })
}

/// A message in which a description, if there is one, is about its connection. `None` if it can't be read.
pub(crate) fn about_its_connection(text: &PeerText) -> Option<PeerText> {
    let mut message = decode_peer(text).ok()?;
    if let PeerBody::Offer { sdp, .. } | PeerBody::Answer { sdp, .. } = &mut message.body
        && let Some(description) = Description::parse(sdp)
    {
        *sdp = Description {
            serial: ITS_OWN,
            ..description
        }
        .to_sdp();
    }
    Some(encode_peer(&message))
}
