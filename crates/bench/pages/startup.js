// Runs in every page before its own scripts: when something was painted, and when Get Video could be clicked. In
// milliseconds from the request for the page.
(() => {
  const startup = { painted: null, usable: null };
  window.startup = startup;
  new PerformanceObserver(list => {
    for (const entry of list.getEntriesByName("first-contentful-paint")) {
      startup.painted = entry.startTime;
    }
  }).observe({ type: "paint", buffered: true });
  const look = () => {
    const button = document.getElementById("get-video");
    if (button && !button.disabled) {
      observer.disconnect();
      // Once what is being done is done, and a click would be heard.
      setTimeout(() => (startup.usable = performance.now()));
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { attributes: true, childList: true, subtree: true });
  startup.bytes = () =>
    ["navigation", "resource"]
      .flatMap(type => performance.getEntriesByType(type))
      .reduce((sum, entry) => sum + entry.encodedBodySize, 0);
})();
