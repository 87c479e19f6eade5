// One round of glare, as each of the two pages plays it.
(() => {
  const { connections, stage, until, click, seesSomebody } = window.inside;
  const ufrag = description => description.sdp.match(/a=ice-ufrag:(\S+)/)[1];

  /** Calls at a moment of the clock, and says what came of it. */
  window.callAt = async at => {
    const call = document.getElementById("call");
    // On a busy machine this may be told too late, when the other's call has arrived.
    await until("one can call, or is called", () => !call.disabled || connections.size > 0);
    // Timers are late by some milliseconds, and in each browser by others.
    await new Promise(next => setTimeout(next, at - Date.now() - 3));
    while (Date.now() < at);
    call.click();
    const connected = () => [...connections].every(c => c.connectionState === "connected");
    await until("they are connected", () => stage() === "in-call" && connected() && seesSomebody());
    return [...connections].map(c => ({
      yielded: c.yielded,
      here: ufrag(c.currentLocalDescription),
      there: ufrag(c.currentRemoteDescription),
    }));
  };

  /** Ends the call, or sees it ended; says how many connections are left. */
  window.end = async hangsUp => {
    if (hangsUp) {
      await click("hang-up");
    }
    await until("the call has ended", () => stage() === "ended");
    return connections.size;
  };
})();
