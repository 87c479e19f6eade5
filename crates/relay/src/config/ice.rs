//! The ICE servers of the configuration.

use std::net::Ipv6Addr;

use visavis_protocol::ice::IceServer;

use super::IceServerProblem;

/// The servers of the command line or the environment; they replace those of the file.
pub(super) fn from_texts(texts: &[String]) -> Option<Vec<IceServer>> {
    // An empty variable counts as none.
    let texts = texts.iter().filter(|text| !text.is_empty());
    let servers: Vec<IceServer> = texts.map(|text| from_text(text)).collect();
    (!servers.is_empty()).then_some(servers)
}

/// Takes `URL` or `URL,USERNAME,CREDENTIAL` apart; the credential may have commas. Checked with the rest.
fn from_text(text: &str) -> IceServer {
    let mut parts = text.splitn(3, ',').map(str::to_owned);
    IceServer {
        urls: parts.next().into_iter().collect(),
        username: parts.next(),
        credential: parts.next(),
    }
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
