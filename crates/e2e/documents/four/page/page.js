// The page of document 4. It sends its candidates as `new-ice-candidate`, but awaits `iceCandidate`. Two such
// pages never hear each other's candidates; `?candidates=document` is that, and otherwise both are taken.
const awaited =
  new URLSearchParams(location.search).get("candidates") === "document"
    ? ["iceCandidate"]
    : ["iceCandidate", "new-ice-candidate"];

const state = { connection: null, events: [] };
window.documentState = state;

const element = id => document.getElementById(id);
const note = event => state.events.push(event);
const failed = what => error => {
  console.error(what, error);
  note(`error ${what}: ${error.name}: ${error.message}`);
};

const configuration = { iceServers: [{ urls: "stun:127.0.0.1:3478" }] };
const channel = new WebSocket(`ws://${location.host}/`);
const send = message => channel.send(JSON.stringify(message));
let stream = null;

const connect = () => {
  const connection = new RTCPeerConnection(configuration);
  state.connection = connection;
  connection.ontrack = ({ streams }) => {
    note("track");
    element("remote-video").srcObject = streams[0];
  };
  connection.onicecandidate = ({ candidate }) => {
    if (candidate) {
      send({ "new-ice-candidate": candidate });
    }
  };
  connection.onicegatheringstatechange = () => note(`gathering ${connection.iceGatheringState}`);
  connection.onconnectionstatechange = () => {
    note(connection.connectionState);
    element("status").textContent = connection.connectionState;
  };
  return connection;
};

const addTracks = connection => {
  const sent = connection.getSenders().map(sender => sender.track);
  for (const track of stream?.getTracks() ?? []) {
    if (!sent.includes(track)) {
      connection.addTrack(track, stream);
    }
  }
};

/** Each call of ours has a connection of its own. */
const call = async () => {
  state.connection.close();
  const connection = connect();
  addTracks(connection);
  const offer = await connection.createOffer();
  await connection.setLocalDescription(offer);
  send({ offer });
};

const take = async message => {
  const { connection } = state;
  if (message.offer) {
    note("offer");
    await connection.setRemoteDescription(message.offer);
    addTracks(connection);
    const answer = await connection.createAnswer();
    await connection.setLocalDescription(answer);
    send({ answer });
  } else if (message.answer) {
    note("answer");
    await connection.setRemoteDescription(message.answer);
  }
  for (const name of awaited) {
    if (message[name]) {
      note(name);
      await connection.addIceCandidate(message[name]).catch(failed("addIceCandidate"));
    }
  }
};

// The one that takes offers is there from load on.
connect();
channel.onmessage = ({ data }) => take(JSON.parse(data)).catch(failed("message"));

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
