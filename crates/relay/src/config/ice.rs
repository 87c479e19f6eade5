//! The ICE servers of the configuration.

use visavis_protocol::ice::IceServer;

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
