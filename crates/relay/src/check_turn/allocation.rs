//! An allocation: an address of a TURN server that is lent to a client (RFC 8656).

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::time::timeout;
use turn_types::attribute::{Data, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress};
use turn_types::message::{ALLOCATE, CREATE_PERMISSION, DATA, REFRESH, SEND};
use turn_types::stun::attribute::{AttributeWrite, ErrorCode, Nonce, Realm, Username};
use turn_types::stun::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageClass, MessageIntegrityCredentials,
    MessageWrite as _, MessageWriteExt as _, MessageWriteVec, Method, StunWriteError, TransactionId,
};

use super::Fault;
use super::link::Link;

/// How often a packet is sent that does not arrive.
pub(super) const TRIES: usize = 6;

/// How long to wait for it each time.
const ARRIVAL: Duration = Duration::from_millis(500);

/// How often a server may say that its nonce is stale, before that is taken for nonsense.
const STALE_NONCES: usize = 3;

/// A text that nobody else sends.
pub(super) fn fresh() -> Vec<u8> {
    TransactionId::generate().to_string().into_bytes()
}

/// An address that is lent to us.
pub(super) struct Allocation {
    link: Link,
    login: Login,
    relayed: SocketAddr,
}

/// How requests show who sends them.
struct Login {
    username: String,
    realm: String,
    nonce: String,
    key: MessageIntegrityCredentials,
}

impl Allocation {
    /// Asks for one.
    pub(super) async fn make(mut link: Link, username: &str, password: &str) -> Result<Self, Fault> {
        let udp = RequestedTransport::new(RequestedTransport::UDP);
        // The first request has no credential: only the answer says for which realm it must be.
        let answer = exchange(&mut link, ALLOCATE, &|_| vec![Box::new(udp.clone())], None).await?;
        let answer = read(&answer)?;
        match code(&answer) {
            None => return Err(Fault::Open),
            Some(ErrorCode::UNAUTHORIZED) => {}
            Some(code) => return Err(refused(code)),
        }
        let realm = answer.attribute::<Realm>().map_err(|_| Fault::Strange)?;
        let nonce = answer.attribute::<Nonce>().map_err(|_| Fault::Strange)?;
        let realm = realm.realm().to_owned();
        let key = LongTermKeyCredentials::new(username.to_owned(), password.to_owned(), realm.clone());
        let mut login = Login {
            username: username.to_owned(),
            realm,
            nonce: nonce.nonce().to_owned(),
            key: key.into(),
        };
        let answer = ask(&mut link, &mut login, ALLOCATE, &|_| vec![Box::new(udp.clone())]).await?;
        let answer = read(&answer)?;
        if let Some(code) = code(&answer) {
            return Err(refused(code));
        }
        // Whoever does not know the password can't have sent it.
        answer
            .validate_integrity(&login.key)
            .map_err(|_| Fault::Strange)?;
        let relayed = answer.attribute::<XorRelayedAddress>();
        let relayed = relayed.map_err(|_| Fault::Strange)?.addr(answer.transaction_id());
        Ok(Self { link, login, relayed })
    }

    pub(super) fn relayed(&self) -> SocketAddr {
        self.relayed
    }

    /// Whether its address is one of a private network, and the server's own is not.
    pub(super) fn is_hidden(&self) -> bool {
        is_hidden(self.relayed.ip(), self.link.server.ip())
    }

    /// Lets this peer send to us, and us to it.
    pub(super) async fn permit(&mut self, peer: SocketAddr) -> Result<(), Fault> {
        let answer = self
            .ask(CREATE_PERMISSION, &|id| {
                vec![Box::new(XorPeerAddress::new(peer, id))]
            })
            .await?;
        match code(&read(&answer)?) {
            None => Ok(()),
            Some(ErrorCode::FORBIDDEN) => Err(Fault::Denied(peer.ip())),
            Some(code) => Err(refused(code)),
        }
    }

    /// Sends a packet from the relayed address.
    pub(super) async fn send(&mut self, peer: SocketAddr, text: &[u8]) -> Result<(), Fault> {
        let mut message = Message::builder_indication(SEND, MessageWriteVec::new());
        let peer = XorPeerAddress::new(peer, message.transaction_id());
        let written = message
            .add_attribute(&peer)
            .and_then(|()| message.add_attribute(&Data::new(text)));
        written.map_err(|_| Fault::Strange)?;
        self.link.send(&message.finish()).await
    }

    /// Whether this text arrives at the relayed address soon.
    pub(super) async fn hears(&mut self, text: &[u8]) -> Result<bool, Fault> {
        let arrival = async {
            loop {
                let message = self.link.receive().await?;
                let data = Message::from_bytes(&message).ok();
                let data = data.filter(|message| message.has_method(DATA));
                let data = data.as_ref().and_then(|message| message.attribute::<Data>().ok());
                if data.is_some_and(|data| data.data() == text) {
                    return Ok(true);
                }
            }
        };
        timeout(ARRIVAL, arrival).await.unwrap_or(Ok(false))
    }

    /// Keeps the address for longer.
    #[cfg(test)]
    pub(super) async fn refresh(&mut self) -> Result<(), Fault> {
        let answer = self.ask(REFRESH, &|_| vec![Box::new(Lifetime::new(600))]).await?;
        code(&read(&answer)?).map_or(Ok(()), |code| Err(refused(code)))
    }

    /// Gives the address back, so that it does not count towards a quota any more.
    pub(super) async fn release(mut self) {
        // If that fails, it ends by itself, after ten minutes.
        let _ = self.ask(REFRESH, &|_| vec![Box::new(Lifetime::new(0))]).await;
    }

    async fn ask(&mut self, method: Method, attributes: Attributes<'_>) -> Result<Vec<u8>, Fault> {
        ask(&mut self.link, &mut self.login, method, attributes).await
    }
}

/// The attributes of a request with this id.
type Attributes<'a> = &'a (dyn Fn(TransactionId) -> Vec<Box<dyn AttributeWrite>> + Sync);

/// A request that shows who sends it, and its answer.
async fn ask(
    link: &mut Link,
    login: &mut Login,
    method: Method,
    attributes: Attributes<'_>,
) -> Result<Vec<u8>, Fault> {
    for _ in 0..STALE_NONCES {
        let bytes = exchange(link, method, attributes, Some(login)).await?;
        let answer = read(&bytes)?;
        if code(&answer) != Some(ErrorCode::STALE_NONCE) {
            return Ok(bytes);
        }
        let nonce = answer.attribute::<Nonce>().map_err(|_| Fault::Strange)?;
        login.nonce = nonce.nonce().to_owned();
    }
    Err(Fault::Strange)
}

/// A request, sent as often as it takes, and its answer.
async fn exchange(
    link: &mut Link,
    method: Method,
    attributes: Attributes<'_>,
    login: Option<&Login>,
) -> Result<Vec<u8>, Fault> {
    let mut request = Message::builder_request(method, MessageWriteVec::new());
    let id = request.transaction_id();
    // Texts that are too long for an attribute are none that a server would accept.
    write(&mut request, &attributes(id), login).map_err(|_| Fault::Password)?;
    let request = request.finish();
    for pause in link.pauses() {
        link.send(&request).await?;
        let answer = async {
            loop {
                let bytes = link.receive().await?;
                match Message::from_bytes(&bytes) {
                    Ok(message) if message.is_response() && message.transaction_id() == id => {
                        return Ok(bytes);
                    }
                    // Something else may be under way.
                    Ok(_) => {}
                    Err(_) => return Err(Fault::Strange),
                }
            }
        };
        if let Ok(answer) = timeout(*pause, answer).await {
            return answer;
        }
    }
    Err(link.silent())
}

fn write(
    request: &mut MessageWriteVec,
    attributes: &[Box<dyn AttributeWrite>],
    login: Option<&Login>,
) -> Result<(), StunWriteError> {
    for attribute in attributes {
        request.add_attribute(&**attribute)?;
    }
    if let Some(login) = login {
        request.add_attribute(&Username::new(&login.username)?)?;
        request.add_attribute(&Realm::new(&login.realm)?)?;
        request.add_attribute(&Nonce::new(&login.nonce)?)?;
        request.add_message_integrity(&login.key, IntegrityAlgorithm::Sha1)?;
    }
    request.add_fingerprint()
}

fn read(bytes: &[u8]) -> Result<Message<'_>, Fault> {
    Message::from_bytes(bytes).map_err(|_| Fault::Strange)
}

/// The number of an error; nothing if the answer is none.
fn code(answer: &Message<'_>) -> Option<u16> {
    let is_error = answer.has_class(MessageClass::Error);
    is_error.then(|| answer.attribute::<ErrorCode>().map_or(0, |error| error.code()))
}

fn refused(code: u16) -> Fault {
    match code {
        ErrorCode::UNAUTHORIZED | ErrorCode::WRONG_CREDENTIALS => Fault::Secret,
        ErrorCode::ALLOCATION_QUOTA_REACHED => Fault::Quota,
        ErrorCode::INSUFFICIENT_CAPACITY => Fault::Full,
        code => Fault::Refused(code),
    }
}

fn is_hidden(relayed: IpAddr, server: IpAddr) -> bool {
    is_private(relayed) && !is_private(server)
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let shared = ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64;
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified() || shared
        }
        IpAddr::V6(ip) => {
            ip.is_unique_local() || ip.is_loopback() || ip.is_unicast_link_local() || ip.is_unspecified()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_private_networks_are_told_from_public_ones() {
        for (ip, expected) in [
            ("10.0.0.1", true),
            ("100.64.0.1", true),
            ("100.128.0.1", false),
            ("127.0.0.1", true),
            ("0.0.0.0", true),
            ("192.0.2.1", false),
            ("fd00::1", true),
            ("2001:db8::1", false),
        ] {
            let ip: IpAddr = ip.parse().unwrap();
            let server = "198.51.100.1".parse().unwrap();
            assert_eq!(is_hidden(ip, server), expected, "{ip}");
            // Within a private network, or on one machine, all is private.
            assert!(!is_hidden(ip, "10.0.0.2".parse().unwrap()), "{ip}");
        }
    }
}
