// A client as a good engineer writes it today: everything that can be done before the click is done, and the
// connection is made at the click. Candidates trickle at once.
import { configuration, meet, negotiate, openCamera, show } from "./common.js";

const stream = await openCamera();
let take = null;

const connect = say => {
  const connection = new RTCPeerConnection(configuration);
  connection.ontrack = ({ streams }) => show(streams[0]);
  take = negotiate(connection, say);
  for (const track of stream.getTracks()) {
    connection.addTrack(track, stream);
  }
};

// One message after the other.
let queue = Promise.resolve();
const say = await meet((message, say) => {
  if (!take) {
    connect(say);
  }
  queue = queue.then(() => take(message));
});

document.getElementById("call").onclick = () => connect(say);
window.ready = true;
