// Runs in every page before its own scripts, and measures all clients alike: when Call was clicked, when the
// first frame of the other side was presented, and when the first one in full size was. Times are in
// milliseconds since 1970, so that those of two pages can be compared.
(() => {
  const FULL_WIDTH = 1280;
  const now = () => performance.timeOrigin + performance.now();
  const probe = { clicked: null, first: null, full: null };
  const watched = new WeakSet();

  const watch = video => {
    if (video.id === "local-video" || watched.has(video)) {
      return;
    }
    watched.add(video);
    const look = (_, frame) => {
      // Browsers present an empty frame of 2 × 2 pixels before the first real one.
      if (frame.width > 2) {
        probe.first ??= now();
      }
      if (frame.width >= FULL_WIDTH) {
        probe.full ??= now();
      } else {
        video.requestVideoFrameCallback(look);
      }
    };
    video.requestVideoFrameCallback(look);
  };

  probe.call = () => {
    probe.clicked = now();
    document.getElementById("call").click();
  };
  window.probe = probe;
  const watchAll = () => document.querySelectorAll("video").forEach(watch);
  new MutationObserver(watchAll).observe(document, { childList: true, subtree: true });
})();
