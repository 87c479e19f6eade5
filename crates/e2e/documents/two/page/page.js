// The page of document 2.
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

/** `ice` is the event that carries this side's candidates. */
const connect = ice => {
  const connection = new RTCPeerConnection();
  state.connection = connection;
  connection.ontrack = ({ streams }) => {
    note("track");
    element("remote-video").srcObject = streams[0];
  };
  connection.onicecandidate = ({ candidate }) => {
    if (candidate) {
      socket.emit(ice, JSON.stringify(candidate));
    }
  };
  for (const track of stream?.getTracks() ?? []) {
    connection.addTrack(track, stream);
  }
  element("hang-up").disabled = false;
  return connection;
};

const call = async () => {
  const connection = connect("ice1");
  const offer = await connection.createOffer();
  await connection.setLocalDescription(offer);
  socket.emit("offer", JSON.stringify(offer));
};

const answer = async text => {
  const connection = connect("ice2");
  await connection.setRemoteDescription(JSON.parse(text));
  const answer = await connection.createAnswer();
  await connection.setLocalDescription(answer);
  socket.emit("answer", JSON.stringify(answer));
};

/** Detaches the videos, stops the tracks and closes the connection. */
const end = () => {
  element("local-video").srcObject = null;
  element("remote-video").srcObject = null;
  stream?.getTracks().forEach(track => track.stop());
  stream = null;
  state.connection?.close();
  state.connection = null;
  element("get-video").disabled = false;
  element("call").disabled = true;
  element("hang-up").disabled = true;
};

/** Does `work` with what comes, and notes it and its errors. */
const on = (event, work) =>
  socket.on(event, text => {
    note(event);
    work(text).catch(failed(event));
  });
on("offer", answer);
on("answer", async text => state.connection.setRemoteDescription(JSON.parse(text)));
// The caller's candidates, and the callee's. Both are lost on a page without a connection.
on("ice1", async text => state.connection.addIceCandidate(JSON.parse(text)));
on("ice2", async text => state.connection.addIceCandidate(JSON.parse(text)));
on("hangup", async () => end());

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
  element("call").disabled = false;
};
element("call").onclick = () => call().catch(failed("call"));
element("hang-up").onclick = () => {
  end();
  socket.emit("hangup");
};
