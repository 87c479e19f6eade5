//! What a browser takes for a STUN or TURN server.

use std::net::Ipv6Addr;

use visavis_protocol::ice::IceServer;

/// What is wrong with an ICE server. Credentials are never repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IceServerProblem {
    /// `urls` is empty.
    #[error("it has no address; write `urls = [\"stun:HOST:PORT\"]`")]
    NoUrl,
    /// The address is for something else.
    #[error("its address {0:?} must begin with `stun:`, `stuns:`, `turn:` or `turns:`")]
    Scheme(String),
    /// The address is written like that of a web page.
    #[error("its address {0:?} must have no slashes; write `stun:HOST:PORT` or `turn:HOST:PORT`")]
    Slashes(String),
    /// The address has no host, or one with a space or another character that hosts don't have.
    #[error("its address {0:?} needs a host right after the first colon, and no spaces")]
    Host(String),
    /// The port is none.
    #[error("the port of its address {0:?} must be from 1 to 65535")]
    Port(String),
    /// Something stands behind the host that browsers refuse there.
    #[error(
        "its address {0:?} may end in `?transport=udp` or `?transport=tcp` if it is one of TURN, and in nothing else"
    )]
    Query(String),
    /// TURN without a name.
    #[error(
        "TURN needs a username; write `turn:HOST:PORT,USERNAME,CREDENTIAL`, or `username = \"…\"` in the file, or share \
         a `turn_secret` with it"
    )]
    NoUsername,
    /// TURN without a password.
    #[error(
        "TURN needs a credential; write `turn:HOST:PORT,USERNAME,CREDENTIAL`, or `credential = \"…\"` in the file"
    )]
    NoCredential,
}

/// Checks a server as browsers do (RFC 7064, RFC 7065, and WebRTC's `RTCIceServer`): a browser that is given
/// one address that it refuses makes no connection at all.
pub(crate) fn check(server: &IceServer, has_secret: bool) -> Result<(), IceServerProblem> {
    if server.urls.is_empty() {
        return Err(IceServerProblem::NoUrl);
    }
    for url in &server.urls {
        check_url(url)?;
    }
    let is_minted = has_secret && server.username.is_none() && server.credential.is_none();
    if server.is_turn() && !is_minted {
        if server.username.as_deref().unwrap_or_default().is_empty() {
            return Err(IceServerProblem::NoUsername);
        }
        if server.credential.as_deref().unwrap_or_default().is_empty() {
            return Err(IceServerProblem::NoCredential);
        }
    }
    Ok(())
}

fn check_url(url: &str) -> Result<(), IceServerProblem> {
    let schemes = ["stun:", "stuns:", "turn:", "turns:"];
    let split = schemes
        .iter()
        .find_map(|scheme| Some((*scheme, url.strip_prefix(scheme)?)));
    let Some((scheme, rest)) = split else {
        return Err(IceServerProblem::Scheme(url.to_owned()));
    };
    if rest.starts_with('/') {
        return Err(IceServerProblem::Slashes(url.to_owned()));
    }
    let (host_and_port, query) = match rest.split_once('?') {
        Some((host, query)) => (host, Some(query)),
        None => (rest, None),
    };
    let wrong_host = || IceServerProblem::Host(url.to_owned());
    let (host, port) = if let Some(literal) = host_and_port.strip_prefix('[') {
        let (host, port) = literal.split_once(']').ok_or_else(wrong_host)?;
        host.parse::<Ipv6Addr>().map_err(|_| wrong_host())?;
        (host, port)
    } else {
        host_and_port.split_at(host_and_port.find(':').unwrap_or(host_and_port.len()))
    };
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':');
    if host.is_empty() || !host.bytes().all(is_host) {
        return Err(wrong_host());
    }
    if !port.is_empty() {
        let number = port.strip_prefix(':').and_then(|port| port.parse::<u16>().ok());
        if number.is_none_or(|port| port == 0) {
            return Err(IceServerProblem::Port(url.to_owned()));
        }
    }
    match query {
        None => Ok(()),
        Some("transport=udp" | "transport=tcp") if scheme.starts_with("turn") => Ok(()),
        Some(_) => Err(IceServerProblem::Query(url.to_owned())),
    }
}
