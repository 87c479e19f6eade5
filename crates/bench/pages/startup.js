// Runs in every page before its own scripts: when something was painted, when the camera was asked for by
// somebody who clicks on Get Video all the time, and when the app was there. In milliseconds from the request
// for the page.
(() => {
  const startup = { painted: null, asked: null, ready: null };
  window.startup = startup;
  new PerformanceObserver(list => {
    for (const entry of list.getEntriesByName("first-contentful-paint")) {
      startup.painted = entry.startTime;
    }
  }).observe({ type: "paint", buffered: true });

  const devices = navigator.mediaDevices;
  if (!devices) {
    return;
  }
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = constraints => {
    startup.asked ??= performance.now();
    clearInterval(clicks);
    return open(constraints);
  };
  const clicks = setInterval(() => document.getElementById("get-video")?.click(), 5);

  // What the app replaces.
  let boot;
  const look = () => {
    boot ??= document.getElementById("boot");
    if (boot && !boot.isConnected) {
      observer.disconnect();
      // Once what is being done is done, and a click would be heard.
      setTimeout(() => (startup.ready = performance.now()));
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true });
  startup.bytes = () =>
    ["navigation", "resource"]
      .flatMap(type => performance.getEntriesByType(type))
      .reduce((sum, entry) => sum + entry.encodedBodySize, 0);
})();
