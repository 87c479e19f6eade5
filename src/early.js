// What the page can do before the app is there: open camera and microphone, take a name, hand out the link.
//
// This stands inline in index.html, so that no request of its own delays it. The app adopts what it finds in
// `window.visavis` (src/browser/early.rs). Until then the page looks as the app would: sentences are those of
// src/ui/locale.rs, and a test beside those compares them.
(() => {
  const boot = document.getElementById("boot");
  // The app's elements have the same names, so look for none outside.
  const element = id => boot.querySelector("#" + id);

  // Not from a cache: the file may have changed just now.
  const config = fetch("config.json", { cache: "no-store" });
  // Later it also has `wish`, what the person wants, and `media`, the promise of a stream with that.
  const early = (window.visavis = { config });
  let media;
  // What config.json says, once it is known.
  let site;

  // The check before a call has a page of its own.
  if (location.search === "?check") {
    boot.remove();
    return;
  }

  // ── What is shown ────────────────────────────────────────────────────────────────────────────────────────

  const video = element("local-video");
  const getVideo = element("get-video");

  // `data-in` of an element lists the stages in which it is shown; `look` is the classes of our own tile.
  const show = (stage, headline, sentence, look) => {
    boot.dataset.stage = stage;
    boot.querySelector("h1").textContent = headline;
    element("status").textContent = sentence;
    boot.querySelector(".tile").className = "tile local " + look;
    for (const part of boot.querySelectorAll("[data-in]")) {
      part.hidden = !part.dataset.in.includes(stage);
    }
    getVideo.disabled = stage === "asking";
    getVideo.textContent = "Waiting for your permission …";
  };

  // The way into the room, as far as it goes without the app.
  const enter = withVideo => {
    boot.querySelector(".caption").textContent = withVideo ? "" : "Your camera is off";
    show("joining", "Entering the room", "Connecting to the server …", withVideo ? "" : "off person");
  };

  const block = why => show("blocked", "No camera yet", why, "off");

  // ── Camera and microphone ────────────────────────────────────────────────────────────────────────────────

  const devices = navigator.mediaDevices;

  // What was chosen in this browser, as src/browser/preferences.rs keeps it.
  const chosen = () => {
    try {
      return JSON.parse(localStorage.getItem("visavis.devices"));
    } catch {}
  };

  const elsewhere = () => ({ ...chosen(), camera: undefined, microphone: undefined });

  // As src/browser/media/request.rs asks, with the defaults of src/config.rs.
  const constraints = (wish, own) => {
    const { width, height, frameRate, camera, facingMode, microphone, ...rest } = {
      width: 1280,
      height: 720,
      frameRate: 30,
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      ...site?.media,
      ...own,
    };
    const exact = id => id && { exact: id };
    return {
      audio: wish.audio && { ...rest, deviceId: exact(microphone) },
      video: wish.video && { width, height, frameRate, facingMode, deviceId: exact(camera) },
    };
  };

  const REFUSED =
    "The camera and microphone are blocked for this page. Allow them next to the address bar, then try again.";
  const BUSY = "Another program may be using the camera and microphone. Close it, then try again.";
  const SENTENCES = {
    NotAllowedError: REFUSED,
    SecurityError: REFUSED,
    NotReadableError: BUSY,
    AbortError: BUSY,
  };

  const ask = async wish => {
    early.wish = wish;
    early.media = media = undefined;
    if (!devices || !window.RTCPeerConnection) {
      return block(
        isSecureContext
          ? "This browser can't make calls, or may not. Try another browser."
          : "This page may not use a camera: its address must begin with https:// (or be on this machine).",
      );
    }
    const open = own => devices.getUserMedia(constraints(wish, own));
    // What was chosen may not be there any more.
    const asked = (media = open(chosen()).catch(error => {
      if (error.name !== "OverconstrainedError") throw error;
      return open(elsewhere());
    }));
    early.media = site ? media : media.then(adjust);
    early.media.catch(() => {});
    const sentence = "Your browser is asking whether this page may use your camera and microphone.";
    show("asking", "One moment", sentence, "off new");
    try {
      const stream = await asked;
      if (early.wish !== wish) {
        // Nobody waits for it any more.
        stop(stream);
      } else if (!until.signal.aborted) {
        video.srcObject = stream;
        enter(wish.video);
      }
    } catch ({ name }) {
      // The app opens what can be opened, and says what can't and why.
      if (early.wish === wish) block(SENTENCES[name] ?? `The camera and microphone could not be opened (${name}).`);
    }
  };

  // It was asked for before it was known what the site wants.
  const adjust = async stream => {
    await known;
    const wanted = constraints({ audio: true, video: true }, elsewhere());
    for (const track of site?.media ? stream.getTracks() : []) {
      const how = wanted[track.kind];
      await track.applyConstraints(how).catch(() => {});
      const now = track.getSettings();
      if (track.kind === "audio" && Object.keys(now).some(key => how[key] === !now[key])) {
        // Chromium changes nothing about a microphone that is open.
        const other = await devices.getUserMedia({ audio: how }).catch(() => {});
        if (other) {
          track.stop();
          stream.removeTrack(track);
          stream.addTrack(other.getTracks()[0]);
        }
      }
    }
    return stream;
  };

  const askForBoth = () => ask({ audio: true, video: true });
  getVideo.onclick = askForBoth;
  element("try-again").onclick = askForBoth;
  element("continue-without").onclick = () => {
    early.wish = {};
    early.media = media = undefined;
    enter();
  };

  // ── The site's settings, the room and its link ───────────────────────────────────────────────────────────

  const link = element("invite-link");

  // As `choose_room` in src/app.rs.
  const choose = () => {
    // Not a room: a call without a server.
    if (location.hash.startsWith("#/call=")) return;
    let room = location.hash.replace(/^#*\/*|[^\w-]+$/g, "") || site?.room;
    if (!room && site) {
      if (/^(localhost|127\.0\.0\.1|\[::1\]|.*\.localhost)$/.test(location.hostname)) {
        room = "test";
      } else {
        const letters = "abcdefghijkmnpqrstuvwxyz23456789";
        const chance = [...crypto.getRandomValues(new Uint8Array(20))];
        room = chance.map((byte, i) => (i && i % 5 === 0 ? "-" : "") + letters[byte % 32]).join("");
        location.replace("#/" + room);
      }
    }
    if (room) {
      link.value = location.href.split("#")[0] + "#/" + room;
      element("check-link").href = "?check#/" + room;
    }
  };

  // What is wrong with config.json is for the app to say.
  const follow = async response => {
    const isPage = response.headers.get("content-type")?.startsWith("text/html");
    if (response.ok && !isPage) {
      site = await response.json();
    } else if (response.ok || /40[134]|410/.test(response.status)) {
      site = {};
    }
    choose();
  };
  const known = config.then(response => follow(response.clone())).catch(() => {});
  choose();

  const copyLink = element("copy-link");
  copyLink.onclick = async () => {
    const say = text => (copyLink.lastElementChild.textContent = text);
    try {
      await navigator.clipboard.writeText(link.value);
      say("Copied");
    } catch {
      link.select();
      say("Press Ctrl+C");
    }
    setTimeout(say, 2500, "Copy link");
  };

  // ── The name ─────────────────────────────────────────────────────────────────────────────────────────────

  const name = element("name");
  // A browser may forbid to keep anything, and may have kept the text itself.
  try {
    name.value ||= localStorage.getItem("visavis.name") ?? "";
  } catch {}
  name.oninput = () => {
    try {
      localStorage.setItem("visavis.name", name.value);
    } catch {}
  };

  // ── Until the app is there ───────────────────────────────────────────────────────────────────────────────

  const until = new AbortController();
  const on = (event, act) => addEventListener(event, act, { capture: true, signal: until.signal });

  // The app does not come, it seems. What is open stays open, and what is written stays there.
  const late = () => (element("banner").hidden = false);
  const timer = setTimeout(late, 20_000);
  on("error", late);
  on("unhandledrejection", late);
  element("load-again").onclick = () => location.reload();

  // Nobody will use them.
  const stop = stream => stream.getTracks().forEach(track => track.stop());
  early.stop = () => media?.then(stop).catch(() => {});
  // The app goes on from here.
  early.end = () => {
    until.abort();
    clearTimeout(timer);
  };

  on("hashchange", choose);
  on("pagehide", early.stop);
  // The browser kept the page, but its camera is closed.
  on("pageshow", event => event.persisted && location.reload());
})();
