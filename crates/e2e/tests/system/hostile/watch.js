// Counts what a page under attack does: `window.watched`. It must come before the page's own scripts.
(() => {
  const watched = {
    /** Connections to the relay. */
    sockets: 0,
    /** The largest message that was sent to it, in bytes. */
    largest: 0,
    /** Peer connections that were made. */
    connections: 0,
    /** The most media sections that the browser was ever given. */
    sections: 0,
    /** Animation frames, and the longest time between two of them in milliseconds. */
    frames: 0,
    longestFrame: 0,
    /** The longest that the page was busy at a time, in milliseconds. */
    longestTask: 0,
    /** How often each of these has changed: the stage, and the marks on the others' tiles. */
    stages: {},
    marks: 0,
  };
  window.watched = watched;

  window.WebSocket = class extends WebSocket {
    constructor(...parameters) {
      super(...parameters);
      watched.sockets += 1;
    }

    send(data) {
      watched.largest = Math.max(watched.largest, new TextEncoder().encode(data).length);
      super.send(data);
    }
  };

  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...parameters) {
      super(...parameters);
      watched.connections += 1;
    }

    setRemoteDescription(description) {
      watched.sections = Math.max(watched.sections, description.sdp.match(/^m=/gm)?.length ?? 0);
      return super.setRemoteDescription(description);
    }
  };

  let last = performance.now();
  const count = now => {
    watched.frames += 1;
    watched.longestFrame = Math.max(watched.longestFrame, now - last);
    last = now;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);

  new PerformanceObserver(list => {
    // Of other windows in this process, the browser tells as well.
    const own = list.getEntries().filter(({ name }) => name === "self");
    for (const { duration } of own) watched.longestTask = Math.max(watched.longestTask, duration);
  }).observe({ type: "longtask" });

  let before;
  new MutationObserver(records => {
    const stage = document.querySelector(".page")?.dataset.stage;
    if (stage !== before) watched.stages[stage] = (watched.stages[stage] ?? 0) + 1;
    before = stage;
    watched.marks += records.some(({ target }) => target.nodeType === 1 && target.closest(".badges")) ? 1 : 0;
  }).observe(document, { attributes: true, childList: true, characterData: true, subtree: true });
})();
