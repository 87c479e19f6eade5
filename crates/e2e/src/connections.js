// Keeps an eye on the page's peer connections. Works if it comes before the first of them.
(() => {
  /** Those that are open. */
  const open = new Set();

  window.connectionsMade = 0;

  class Watched extends RTCPeerConnection {
    /** How often it gave up its own offer for the other side's. */
    yielded = 0;

    constructor(...settings) {
      super(...settings);
      open.add(this);
      window.connectionsMade += 1;
    }

    setLocalDescription(...description) {
      this.yielded += description[0]?.type === "rollback";
      return super.setLocalDescription(...description);
    }

    setRemoteDescription(description) {
      this.yielded += description.type === "offer" && this.signalingState === "have-local-offer";
      return super.setRemoteDescription(description);
    }

    close() {
      super.close();
      open.delete(this);
    }
  }

  window.RTCPeerConnection = Watched;
  window.openConnections = open;
})();
