// What all clients do alike: the camera, and the way to the other page through the relay.

/** What every client asks of the camera. */
export const openCamera = async () => {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 1280, height: 720 } });
  document.getElementById("local-video").srcObject = stream;
  return stream;
};

/** No servers: the pages reach each other directly. */
export const configuration = { iceServers: [], bundlePolicy: "max-bundle" };

/** Loads a library that is no module. */
export const load = address =>
  new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });

export const room = () => location.hash.slice(1);

export const show = stream => {
  document.getElementById("remote-video").srcObject = stream;
};

/**
 * Joins the room at the relay. Resolves to `say(message)` once the other page is there; `hear(message,
 * say)` is called with each of its messages.
 */
export const meet = hear =>
  new Promise(resolve => {
    const socket = new WebSocket(`ws://${location.host}/signal`);
    let peer = null;
    const send = message => socket.send(JSON.stringify(message));
    const say = message => send({ type: "send", to: peer, message: JSON.stringify(message) });
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "welcome") {
        send({ type: "join", room: room(), secret: crypto.randomUUID() });
      } else if (message.type === "ready") {
        peer = message.peer;
        resolve(say);
      } else if (message.type === "message") {
        peer ??= message.from;
        hear(JSON.parse(message.message), say);
      }
    };
  });

/** Polite perfect negotiation would be the same: here only one of the two ever offers. */
export const negotiate = (connection, say) => {
  const early = [];
  connection.onicecandidate = ({ candidate }) => say({ candidate });
  connection.onnegotiationneeded = async () => {
    await connection.setLocalDescription();
    say({ description: connection.localDescription });
  };
  return async ({ description, candidate }) => {
    if (description) {
      await connection.setRemoteDescription(description);
      if (description.type === "offer") {
        await connection.setLocalDescription();
        say({ description: connection.localDescription });
      }
      for (const candidate of early.splice(0)) {
        await connection.addIceCandidate(candidate);
      }
    } else if (candidate && connection.remoteDescription) {
      await connection.addIceCandidate(candidate);
    } else if (candidate) {
      early.push(candidate);
    }
  };
};
