// Runs in every page before its own scripts, and counts what goes on in it.
(() => {
  const counted = { mutations: 0, statistics: 0 };
  const connections = new Set();
  const getStats = RTCPeerConnection.prototype.getStats;
  RTCPeerConnection.prototype.getStats = function (...selector) {
    counted.statistics++;
    return getStats.apply(this, selector);
  };
  const Real = RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(...configuration) {
      super(...configuration);
      connections.add(this);
    }
  };
  new MutationObserver(changes => (counted.mutations += changes.length)).observe(document, {
    attributes: true,
    characterData: true,
    childList: true,
    subtree: true,
  });
  const counters = async () => {
    let sent = 0;
    for (const connection of connections) {
      for (const entry of (await getStats.call(connection)).values()) {
        sent += entry.type === "transport" ? entry.bytesSent : 0;
      }
    }
    // Only visavis's own page counts them.
    return { ...counted, sent, runs: window.visavisRuns ?? 0 };
  };
  window.idle = { counters };
})();
