// What a test can ask of the page from inside, because from outside it would take too long: `window.inside`.
// It must come before the page's first peer connection.
(() => {
  /** The peer connections that are open. */
  const connections = new Set();
  /** How many there ever were. */
  let made = 0;

  class Watched extends RTCPeerConnection {
    /** Whether it gave up its own offer for the other side's. */
    yielded = false;
    /** The data channels that the page has made for it. */
    channels = [];

    constructor(...settings) {
      super(...settings);
      connections.add(this);
      made += 1;
    }

    createDataChannel(...settings) {
      const channel = super.createDataChannel(...settings);
      this.channels.push(channel);
      return channel;
    }

    setLocalDescription(...description) {
      this.yielded ||= description[0]?.type === "rollback";
      return super.setLocalDescription(...description);
    }

    setRemoteDescription(description) {
      this.yielded ||= description.type === "offer" && this.signalingState === "have-local-offer";
      return super.setRemoteDescription(description);
    }

    close() {
      super.close();
      connections.delete(this);
    }
  }

  window.RTCPeerConnection = Watched;

  /** What the page itself reports about a call that went wrong, if it offers that. */
  const report = async () => {
    document.querySelector("#copy-report:enabled, #copy-report-now:enabled")?.click();
    await new Promise(next => setTimeout(next, 100));
    return document.getElementById("report-text")?.value ?? "";
  };

  /** In which states a connection's channels are. */
  const channels = connection => connection.channels.map(channel => channel.readyState).join();

  /**
   * Whether the page's only connection is up, and its only channel is open.
   *
   * `sctp.state` can't tell. If the transport connects while `setRemoteDescription()` is under way, Chromium
   * restores the earlier state afterwards: the transport is "connecting" for ever, and its channel is open.
   */
  const preConnected = () => {
    const [connection, ...more] = connections;
    return connection?.connectionState === "connected" && channels(connection) === "open" && more.length === 0;
  };

  /** How many frames and audio packets the page's connections have sent. */
  const sent = async () => {
    let sum = 0;
    for (const connection of connections) {
      for (const entry of (await connection.getStats()).values()) {
        if (entry.type === "outbound-rtp") {
          sum += (entry.framesEncoded ?? 0) + entry.packetsSent;
        }
      }
    }
    return sum;
  };

  /** How many addresses of others the page's connections know. */
  const addressesOfOthers = async () => {
    let count = 0;
    for (const connection of connections) {
      for (const entry of (await connection.getStats()).values()) {
        count += entry.type === "remote-candidate";
      }
    }
    return count;
  };

  /**
   * How many frames of each person who has a tile were received, in how many bytes, and how large the last
   * one was: one entry for each tile, in their order. A tile whose stream no connection receives has `null`.
   */
  const received = async () => {
    const streams = new Map();
    for (const connection of connections) {
      for (const entry of (await connection.getStats()).values()) {
        if (entry.type === "inbound-rtp" && entry.kind === "video") {
          const { bytesReceived, framesDecoded, frameWidth, frameHeight } = entry;
          streams.set(entry.trackIdentifier, { bytesReceived, framesDecoded, frameWidth, frameHeight });
        }
      }
    }
    const videos = document.querySelectorAll(".tile.remote:not([hidden], .off) video");
    return [...videos].map(video => streams.get(video.srcObject?.getVideoTracks()[0]?.id) ?? null);
  };

  /** How many bytes the page's connections have sent, without headers of IP and UDP. */
  const bytesSent = async () => {
    let sum = 0;
    for (const connection of connections) {
      for (const entry of (await connection.getStats()).values()) {
        sum += entry.type === "transport" ? entry.bytesSent : 0;
      }
    }
    return sum;
  };

  const stage = () => document.querySelector(".page").dataset.stage;

  /** Waits until something holds; looks every few milliseconds. */
  const until = async (what, holds) => {
    const deadline = Date.now() + 60_000;
    while (!holds()) {
      if (Date.now() > deadline) {
        const states = [...connections].map(c => `${c.connectionState}, ${c.signalingState}, channel ${channels(c)}`);
        const status = document.getElementById("status").textContent;
        throw new Error(
          `timed out waiting until ${what}; ${stage()}: ${status} Connections: [${states.join("; ")}] ${await report()}`,
        );
      }
      await new Promise(next => setTimeout(next, 5));
    }
  };

  /** Clicks on the element of this id, once it can be clicked. */
  const click = async id => {
    const element = document.getElementById(id);
    await until(`${id} can be clicked`, () => !element.disabled && element.checkVisibility());
    element.click();
  };

  /** Whether the page has shown a frame of this call. */
  const seesSomebody = () => performance.getEntriesByName("visavis:first-remote-frame").length > 0;

  window.inside = {
    connections,
    connectionsMade: () => made,
    addressesOfOthers,
    stage,
    until,
    click,
    seesSomebody,
    report,
    preConnected,
    sent,
    received,
    bytesSent,
  };
})();
