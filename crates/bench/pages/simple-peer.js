// simple-peer, as its documentation shows it; it leaves the way to the other page to its user.
import { configuration, meet, openCamera, show } from "./common.js";

const script = document.createElement("script");
script.src = "./simplepeer.min.js";
await new Promise((resolve, reject) => {
  script.onload = resolve;
  script.onerror = reject;
  document.head.append(script);
});

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
