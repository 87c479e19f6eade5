// PeerJS with its own server, as its documentation shows it.
import { load, openCamera, room, show } from "./common.js";

await load("./peerjs.min.js");
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
