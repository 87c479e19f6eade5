//! The clients that are compared.

use anyhow::{Result, bail};
use serde::Serialize;
use visavis_e2e::Page;
use visavis_sealing::{RoomAddress, RoomSecret};

/// A client, and the way in which it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Arm {
    /// visavis as it is: pre-connected.
    OursPreConnected,
    /// visavis where the visitors show no address before a call: only descriptions are exchanged.
    OursHidden,
    /// visavis that connects at the click.
    OursConnecting,
    /// JavaScript without a library; pre-connected.
    VanillaPreConnected,
    /// JavaScript without a library; it connects at the click.
    VanillaConnecting,
    PeerJs,
    SimplePeer,
}

impl Arm {
    pub(crate) const ALL: [Self; 7] = [
        Self::OursPreConnected,
        Self::OursHidden,
        Self::OursConnecting,
        Self::VanillaPreConnected,
        Self::VanillaConnecting,
        Self::PeerJs,
        Self::SimplePeer,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::OursPreConnected => "visavis, instant calls on",
            Self::OursHidden => "visavis, instant calls off",
            Self::OursConnecting => "visavis, not pre-connected",
            Self::VanillaPreConnected => "hand-written, pre-connected",
            Self::VanillaConnecting => "hand-written",
            Self::PeerJs => "PeerJS",
            Self::SimplePeer => "simple-peer",
        }
    }

    /// The name of its script in `pages/`; ours has none.
    fn script(self) -> Option<&'static str> {
        match self {
            Self::OursPreConnected | Self::OursHidden | Self::OursConnecting => None,
            Self::VanillaPreConnected => Some("vanilla-pre-connected"),
            Self::VanillaConnecting => Some("vanilla-connecting"),
            Self::PeerJs => Some("peerjs"),
            Self::SimplePeer => Some("simple-peer"),
        }
    }

    /// Opens it in both pages, and waits until one can call the other.
    pub(crate) async fn open(self, origin: &str, room: &str, caller: &Page, callee: &Page) -> Result<()> {
        match self.script() {
            Some(script) => {
                for (page, side) in [(callee, "callee"), (caller, "caller")] {
                    page.go(&format!(
                        "{origin}/bench/arm.html?arm={script}&side={side}#{room}"
                    ))
                    .await;
                }
                for page in [caller, callee] {
                    page.wait_until("!!(window.ready || window.failed)").await;
                    let failed = page.evaluate("window.failed ?? ''").await;
                    if failed != "" {
                        bail!("{self:?} does not start: {failed}");
                    }
                }
            }
            None => self.open_ours(origin, room, caller, callee).await,
        }
        Ok(())
    }

    async fn open_ours(self, origin: &str, room: &str, caller: &Page, callee: &Page) {
        let (choice, pre_connected) = match self {
            Self::OursPreConnected => ("on", "window.inside.preConnected()"),
            Self::OursHidden => (
                "off",
                "!![...window.inside.connections][0]?.currentRemoteDescription",
            ),
            _ => ("nothing", "true"),
        };
        for page in [callee, caller] {
            // The query makes it another page, and not only another place in the same one.
            page.go(&format!("{origin}/?{room}#/{}", sealed(room))).await;
            page.run(&format!(
                "localStorage.setItem('visavis.preparation', '{choice}')"
            ))
            .await;
            page.reload().await;
            page.instrument().await;
            page.click("get-video").await;
        }
        for page in [caller, callee] {
            page.wait_for_stage("ready").await;
            page.wait_until(pre_connected).await;
        }
    }
}

/// A sealed room of its own for each call, as people get it who open a link.
fn sealed(room: &str) -> String {
    let mut secret = [0; 16];
    for (index, byte) in room.bytes().enumerate() {
        secret[index % 16] ^= byte;
    }
    RoomAddress::Sealed(RoomSecret::new(secret)).to_text()
}
