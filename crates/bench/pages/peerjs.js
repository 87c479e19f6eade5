// PeerJS with its own server, as its documentation shows it.
import { openCamera, room, show } from "./common.js";

const script = document.createElement("script");
script.src = "./peerjs.min.js";
await new Promise((resolve, reject) => {
  script.onload = resolve;
  script.onerror = reject;
  document.head.append(script);
});

const stream = await openCamera();
const side = new URLSearchParams(location.search).get("side");
const other = side === "caller" ? "callee" : "caller";
const peer = new Peer(`${room()}-${side}`, {
  host: location.hostname,
  port: 9000,
  path: "/",
  config: { iceServers: [] },
});
peer.on("open", () => (window.ready = true));
peer.on("error", error => (window.failed = String(error)));
peer.on("call", call => {
  call.on("stream", show);
  call.answer(stream);
});
document.getElementById("call").onclick = () => peer.call(`${room()}-${other}`, stream).on("stream", show);
