// Watches what the page does to its peer connections, and does things at a moment that two pages agree on. It
// must come after inside.js, and before the page's first peer connection.
(() => {
  const { connections, until, click, stage } = window.inside;
  const faults = [];
  /** The descriptions that were set, in order. */
  const history = [];
  const ufrags = description => [...(description?.sdp ?? "").matchAll(/a=ice-ufrag:(\S+)/g)].map(match => match[1]);
  const setups = description => [...(description?.sdp ?? "").matchAll(/a=setup:(\S+)/g)].map(match => match[1]);
  const at = moment => new Promise(next => setTimeout(next, moment - Date.now()));

  /** Candidates that were added, by connection. */
  const added = new WeakMap();
  const Real = window.RTCPeerConnection;

  let made = 0;

  window.RTCPeerConnection = class extends Real {
    constructor(...parameters) {
      super(...parameters);
      made++;
    }

    addIceCandidate(candidate) {
      const known = ufrags(this.remoteDescription);
      const { candidate: text = "", usernameFragment: ufrag, sdpMid: mid } = candidate ?? {};
      if (known.length === 0) {
        faults.push("a candidate came before its description");
      } else if (ufrag && !known.includes(ufrag)) {
        faults.push("a candidate of another ufrag came");
      }
      const mine = added.get(this) ?? new Set();
      added.set(this, mine);
      const key = `${ufrag} ${mid} ${text}`;
      if (text && mine.has(key)) {
        faults.push("a candidate came twice");
      }
      mine.add(key);
      return super.addIceCandidate(candidate).catch(error => {
        faults.push(`a candidate was refused: ${error.name}`);
        throw error;
      });
    }

    setLocalDescription(description) {
      history.push(`local ${description?.type ?? "implicit"}`);
      return description ? super.setLocalDescription(description) : super.setLocalDescription();
    }

    setRemoteDescription(description) {
      history.push(`remote ${description.type}`);
      return super.setRemoteDescription(description).catch(error => {
        const setup = [this.currentLocalDescription, this.currentRemoteDescription, description].map(setups);
        faults.push(`a description was refused: ${error}, after ${history.join(", ")}; setup ${setup.join("; ")}`);
        throw error;
      });
    }
  };

  /** From now on, each ufrag of candidates begins with its end, in both forms, and ends twice. */
  const endTooEarly = () => {
    const addEventListener = Real.prototype.addEventListener;
    RTCPeerConnection.prototype.addEventListener = function (kind, listener, ...more) {
      if (kind !== "icecandidate") {
        return addEventListener.call(this, kind, listener, ...more);
      }
      const told = new Set();
      const tell = init => listener.call(this, new RTCPeerConnectionIceEvent("icecandidate", init));
      const ends = (mid, index, ufrag) => {
        tell({ candidate: null });
        const end = { candidate: "", sdpMid: mid, sdpMLineIndex: index, usernameFragment: ufrag };
        tell({ candidate: new RTCIceCandidate(end) });
      };
      const wrapped = event => {
        const { usernameFragment: ufrag, sdpMid: mid, sdpMLineIndex: index } = event.candidate ?? {};
        if (ufrag && !told.has(ufrag)) {
          told.add(ufrag);
          ends(mid, index, ufrag);
        }
        listener.call(this, event);
        if (!event.candidate) {
          ends("0", 0, [...told].pop());
        }
      };
      return addEventListener.call(this, kind, wrapped, ...more);
    };
  };

  /** From now on there seems to be no camera and no microphone, until `plugIn()`. */
  const unplug = () => {
    const devices = navigator.mediaDevices;
    const real = devices.getUserMedia.bind(devices);
    let pluggedIn = false;
    devices.getUserMedia = wish =>
      pluggedIn ? real(wish) : Promise.reject(new DOMException("there is none", "NotFoundError"));
    return () => (pluggedIn = true);
  };

  const only = () => {
    const [connection, ...more] = connections;
    if (!connection || more.length > 0) {
      throw new Error(`there are ${connections.size} connections`);
    }
    return connection;
  };

  const sections = description => (description?.sdp.match(/^m=/gm) ?? []).length;

  /** What the page's only connection has come to. */
  const settled = () => ({
    faults,
    state: only().signalingState,
    sections: [sections(only().localDescription), sections(only().remoteDescription)],
    ufrag: ufrags(only().localDescription)[0],
    connections: made,
  });

  /** Restarts ICE and switches the camera on, at a moment of the clock. */
  const restartAndShow = async moment => {
    await at(moment);
    only().restartIce();
    document.getElementById("camera").click();
    return true;
  };

  /** Switches the camera off and on again, so many times. */
  const blink = async times => {
    const camera = () => document.getElementById("camera");
    for (let i = 0; i < times; i++) {
      await click("camera");
      await until("the camera is off", () => camera().textContent.includes("Start camera"));
      await click("camera");
      await until("the camera is on", () => camera().textContent.includes("Stop camera"));
    }
    return settled();
  };

  window.negotiation = { faults, endTooEarly, unplug, settled, restartAndShow, blink, stage };
})();
