// The connection is made as soon as both pages are there; Call is a message over its data channel and
// replaceTrack.
import { configuration, meet, negotiate, openCamera, show } from "./common.js";

const stream = await openCamera();
const connection = new RTCPeerConnection(configuration);
const received = new MediaStream();
show(received);
connection.ontrack = ({ track }) => received.addTrack(track);
connection.onsignalingstatechange = () => {
  if (connection.signalingState === "have-remote-offer") {
    connection.getTransceivers().forEach(transceiver => (transceiver.direction = "sendrecv"));
  }
};

const start = () => {
  for (const transceiver of connection.getTransceivers()) {
    const track = stream.getTracks().find(track => track.kind === transceiver.receiver.track.kind);
    transceiver.sender.replaceTrack(track);
  }
};

let channel = null;
let take = null;
const preConnect = say => {
  take = negotiate(connection, say);
  channel = connection.createDataChannel("call", { negotiated: true, id: 0 });
  channel.onmessage = start;
  channel.onopen = () => (window.ready = true);
};

let queue = Promise.resolve();
const say = await meet((message, say) => {
  if (!take) {
    preConnect(say);
  }
  queue = queue.then(() => take(message));
});
if (new URLSearchParams(location.search).get("side") === "caller") {
  preConnect(say);
  connection.addTransceiver("audio");
  connection.addTransceiver("video");
}

document.getElementById("call").onclick = () => {
  channel.send("call");
  start();
};
