// The page of document 3. It has one connection from load on, and offers whenever that needs negotiation.
const connection = new RTCPeerConnection();
const state = { connection, events: [] };
window.documentState = state;

const element = id => document.getElementById(id);
const note = event => state.events.push(event);
const failed = what => error => {
  console.error(what, error);
  note(`error ${what}: ${error.name}: ${error.message}`);
};

const socket = new WebSocket(`ws://${location.host}/`);
let stream = null;
// Some servers send us our own messages back.
const own = new Set();

const send = (type, content) => {
  const text = JSON.stringify({ message_type: type, content });
  own.add(text);
  socket.send(text);
};

/** Our tracks are added at the call, or at the first offer. */
const addTracks = () => {
  const sent = connection.getSenders().map(sender => sender.track);
  for (const track of stream?.getTracks() ?? []) {
    if (!sent.includes(track)) {
      connection.addTrack(track, stream);
    }
  }
};

connection.ontrack = ({ streams }) => {
  note("track");
  element("remote-video").srcObject = streams[0];
};
connection.onicecandidate = ({ candidate }) => {
  if (candidate) {
    send("CANDIDATE", candidate);
  }
};
// Browsers wait with this event until an offer that has come is answered.
connection.onnegotiationneeded = async () => {
  note("negotiationneeded");
  try {
    const offer = await connection.createOffer();
    await connection.setLocalDescription(offer);
    send("SDP", offer);
  } catch (error) {
    failed("negotiationneeded")(error);
  }
};

const takeDescription = async description => {
  note(description.type);
  await connection.setRemoteDescription(description);
  if (description.type === "offer") {
    addTracks();
    const answer = await connection.createAnswer();
    await connection.setLocalDescription(answer);
    send("SDP", answer);
  }
};

const take = async data => {
  const text = data instanceof Blob ? await data.text() : data;
  if (own.has(text)) {
    note("echo");
    return;
  }
  const { message_type, content } = JSON.parse(text);
  if (message_type === "SDP") {
    await takeDescription(content);
  } else if (message_type === "CANDIDATE") {
    note("candidate");
    await connection.addIceCandidate(content);
  } else {
    note("unknown");
  }
};

// One after the other: a short Blob could be read before a long one that came earlier.
let queue = Promise.resolve();
socket.onmessage = ({ data }) => {
  queue = queue.then(() => take(data)).catch(failed("message"));
};

element("get-video").onclick = async () => {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  } catch (error) {
    failed("get-video")(error);
    return;
  }
  note("video");
  element("local-video").srcObject = stream;
  element("get-video").disabled = true;
  element("chat-room").hidden = false;
};
element("call").onclick = addTracks;
