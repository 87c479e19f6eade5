// simple-peer, as its documentation shows it; it leaves the way to the other page to its user.
import { configuration, load, meet, openCamera, show } from "./common.js";

await load("./simplepeer.min.js");
const stream = await openCamera();
let peer = null;

const connect = (initiator, say) => {
  peer = new SimplePeer({ initiator, stream, config: configuration });
  peer.on("signal", say);
  peer.on("stream", show);
  peer.on("error", error => (window.failed = String(error)));
};

const say = await meet((signal, say) => {
  if (!peer) {
    connect(false, say);
  }
  peer.signal(signal);
});

document.getElementById("call").onclick = () => connect(true, say);
window.ready = true;
