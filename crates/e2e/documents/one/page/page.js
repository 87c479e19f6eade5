// The page of document 1.
const state = { connection: null, events: [] };
window.documentState = state;

const element = id => document.getElementById(id);
const note = event => state.events.push(event);
const failed = what => error => {
  console.error(what, error);
  note(`error ${what}: ${error.name}: ${error.message}`);
};

const socket = io();
let stream = null;
// The caller's own candidates until the answer has come: before, the other side may have no connection yet.
let kept = null;

const sendCandidate = candidate => socket.emit("candidate", JSON.stringify(candidate));

/** A new connection, made from a token of its own each time. */
const connect = async () => {
  socket.emit("token");
  const token = await new Promise(resolve => socket.once("token", resolve));
  note("token");
  // Browsers no longer know the older name `url`.
  const iceServers = token.iceServers.map(server => ({ ...server, urls: server.urls ?? server.url }));
  const connection = new RTCPeerConnection({ iceServers });
  state.connection = connection;
  connection.ontrack = ({ streams }) => {
    note("track");
    element("remote-video").srcObject = streams[0];
  };
  connection.onicecandidate = ({ candidate }) => {
    if (candidate && kept) {
      kept.push(candidate);
    } else if (candidate) {
      sendCandidate(candidate);
    }
  };
  for (const track of stream.getTracks()) {
    connection.addTrack(track, stream);
  }
  return connection;
};

const call = async () => {
  kept = [];
  const connection = await connect();
  const offer = await connection.createOffer();
  await connection.setLocalDescription(offer);
  socket.emit("offer", JSON.stringify(offer));
};

const answer = async text => {
  kept = null;
  const connection = await connect();
  await connection.setRemoteDescription(JSON.parse(text));
  const answer = await connection.createAnswer();
  await connection.setLocalDescription(answer);
  socket.emit("answer", JSON.stringify(answer));
};

const takeAnswer = async text => {
  await state.connection.setRemoteDescription(JSON.parse(text));
  const candidates = kept ?? [];
  kept = null;
  candidates.forEach(sendCandidate);
};

// One that comes before the connection or the description is lost, as in the document.
const takeCandidate = async text => state.connection.addIceCandidate(JSON.parse(text));

/** Does `work` with what comes, and notes it and its errors. */
const on = (event, work) =>
  socket.on(event, text => {
    note(event);
    work(text).catch(failed(event));
  });
on("offer", answer);
on("answer", takeAnswer);
on("candidate", takeCandidate);
socket.on("ready", () => {
  note("ready");
  element("call").disabled = false;
});
socket.on("full", room => {
  note("full");
  element("message").textContent = `The room ${room} is full.`;
});

element("get-video").onclick = async () => {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  } catch (error) {
    failed("get-video")(error);
    element("message").textContent = "No access to camera and microphone. You can try again.";
    return;
  }
  note("video");
  element("local-video").srcObject = stream;
  element("get-video").disabled = true;
  element("message").textContent = "";
  // Only here: after a reconnection the page doesn't join again.
  socket.emit("join", "test");
};
element("call").onclick = () => call().catch(failed("call"));
