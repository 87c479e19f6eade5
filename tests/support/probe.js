// Watches what the page leaves open. Installed once, and never removed: a page belongs to one file of tests.

const connections = new Set();
const constructed = [];
const listeners = new Set();
const timers = new Map();
const tracks = new Set();
const faults = [];
const sockets = [];
const storage = Object.getOwnPropertyDescriptor(window, "sessionStorage");
let asking = 0;
let fetched = 0;
/** The name of the exception that the next request for camera or microphone ends with. */
let refusal = null;
/** Whether connections say that they receive nothing any more. */
let deaf = false;

/** What the page itself is listened to for. The test's own harness listens to other things. */
const SIGNS = ["online", "pageshow", "visibilitychange", "resume", "change"];

function watched(target, type) {
  const isPage = target === window || target === document || target === navigator.connection;
  return (
    (isPage && SIGNS.includes(type)) ||
    [RTCPeerConnection, MediaStreamTrack, BroadcastChannel].some((kind) => target instanceof kind)
  );
}

function install() {
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class RTCPeerConnection extends Native {
    constructor(...args) {
      super(...args);
      this.gathered = [];
      this.added = 0;
      this.descriptions = 0;
      this.counted = 0;
      // Not through the watched method: this listener is ours.
      Native.prototype.addEventListener.native.call(this, "icecandidate", ({ candidate }) => {
        this.gathered.push(candidate?.candidate ?? "");
      });
      connections.add(this);
      constructed.push(this);
    }
    async addIceCandidate(...args) {
      this.added += 1;
      return super.addIceCandidate(...args);
    }
    async setLocalDescription(...args) {
      this.descriptions += 1;
      return super.setLocalDescription(...args);
    }
    async getStats(...args) {
      const report = new Map(await super.getStats(...args));
      this.counted += 1;
      for (const [id, entry] of report) if (deaf && "bytesReceived" in entry) report.set(id, { ...entry, bytesReceived: 1 });
      return report;
    }
    close() {
      connections.delete(this);
      super.close();
    }
  };

  const NativeSocket = window.WebSocket;
  window.WebSocket = class WebSocket extends NativeSocket {
    constructor(...args) {
      super(...args);
      sockets.push(this);
    }
  };

  const { addEventListener, removeEventListener } = EventTarget.prototype;
  const find = (target, type, callback) =>
    [...listeners].find((it) => it.target === target && it.type === type && it.callback === callback);
  EventTarget.prototype.addEventListener = function (type, callback, ...rest) {
    if (watched(this, type) && callback && !find(this, type, callback)) listeners.add({ target: this, type, callback });
    return addEventListener.call(this, type, callback, ...rest);
  };
  EventTarget.prototype.addEventListener.native = addEventListener;
  EventTarget.prototype.removeEventListener = function (type, callback, ...rest) {
    if (watched(this, type)) listeners.delete(find(this, type, callback));
    return removeEventListener.call(this, type, callback, ...rest);
  };

  const { setTimeout, clearTimeout } = window;
  window.setTimeout = (callback, wait, ...args) => {
    const id = setTimeout(() => {
      timers.delete(id);
      callback(...args);
    }, wait);
    timers.set(id, wait);
    return id;
  };
  window.clearTimeout = (id) => {
    timers.delete(id);
    clearTimeout(id);
  };

  const { mediaDevices } = navigator;
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    asking += 1;
    try {
      if (refusal) {
        const name = refusal;
        refusal = null;
        throw new DOMException("refused by the test", name);
      }
      const stream = await getUserMedia(constraints);
      stream.getTracks().forEach((track) => tracks.add(track));
      return stream;
    } finally {
      asking -= 1;
    }
  };

  const { fetch } = window;
  window.fetch = async (...args) => {
    fetched += 1;
    // An answer takes a while, as on a network, so that something can happen meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return fetch(...args);
  };

  addEventListener.call(window, "error", (event) => faults.push(String(event.message)));
  addEventListener.call(window, "unhandledrejection", (event) => faults.push(String(event.reason)));
}

install();

const count = (set) => [...set].length;

/** Peer connections that were made and not closed. */
export const open_connections = () => count(connections);
/** Listeners on connections, tracks and channels that were added and not removed. */
export const attached_listeners = () => count(listeners);
/** Which they are. */
export const describe_listeners = () => [...listeners].map((it) => `${it.target.constructor.name} ${it.type}`).join(", ");
/** Timers that have not fired. */
export const pending_timers = () => count(timers);
/** How long they wait in all. */
export const describe_timers = () => [...timers.values()].map((wait) => `${wait} ms`).join(", ");
/** Tracks of cameras and microphones that are not stopped. */
export const live_tracks = () => [...tracks].filter((track) => track.readyState === "live").length;
/** Tracks that were ever handed out. */
export const opened_tracks = () => count(tracks);
/** Requests for camera and microphone that have no answer yet. */
export const open_requests = () => asking;
/** What went wrong unnoticed. */
export const unnoticed_faults = () => faults.join("; ");
/** How many requests over HTTP were begun. */
export const begun_fetches = () => fetched;
/** How many peer connections were ever made. */
export const made_connections = () => constructed.length;
/** What a connection gathered, in order; the end of candidates is empty. */
export const gathered_by = (index) => constructed[index].gathered;
/** How many candidates were handed to a connection. */
export const added_to = (index) => constructed[index].added;
/** One of the connections that were ever made. */
export const connection = (index) => constructed[index];
/** How many lines of media a connection has agreed to. */
export const lines_of = (index) => constructed[index].currentLocalDescription.sdp.match(/^m=/gm).length;
/** How many transceivers a connection has. */
export const transceivers_of = (index) => constructed[index].getTransceivers().length;
/** What a connection sends at present: kinds of tracks. */
export const kinds_sent_by = (index) => constructed[index].getSenders().flatMap((it) => it.track?.kind ?? []);
/** How many streams a connection says that its tracks belong to. */
export const streams_of = (index) =>
  new Set([...constructed[index].currentLocalDescription.sdp.matchAll(/^a=msid:(\S+)/gm)].map(([, id]) => id)).size;
/** Which path a connection has agreed to look for. */
export const ufrag_of = (index) => constructed[index].currentLocalDescription.sdp.match(/^a=ice-ufrag:(.*)$/m)[1];
/** How many descriptions a connection has made. */
export const descriptions_of = (index) => constructed[index].descriptions;
/** How often the statistics of a connection were asked for. */
export const counted_by = (index) => constructed[index].counted;
/** What a connection is connected like, and the state of its negotiation. */
export const state_of = (index) => `${constructed[index].connectionState} ${constructed[index].signalingState}`;
/** The first addresses of a connection's ICE servers. */
export const servers_of = (index) => constructed[index].getConfiguration().iceServers.map((it) => [it.urls].flat()[0]);
/** Makes a connection look for another path. */
export const restart_ice = (index) => constructed[index].restartIce();
/** Lets the next request for camera or microphone end with this exception. */
export const refuse_once = (name) => (refusal = name);
/** Lets connections say that they receive nothing any more, or the truth. */
export const be_deaf = (on) => (deaf = on);
/** What would be a connection, if it had more than statistics; without entries these fail. */
export const with_statistics = (entries) => ({
  getStats: async () => {
    if (!entries) throw new DOMException("refused by the test", "InvalidStateError");
    return new Map(JSON.parse(entries).map((entry) => [entry.id, entry]));
  },
});
/** Something happens to the page, or to its connection to the network. */
export const happens = (where, type, properties) => {
  const target = { window, document, network: navigator.connection }[where];
  target.dispatchEvent(Object.assign(new Event(type), JSON.parse(properties)));
};
/** Hides the page, or no longer. */
export const hide = (on) => (on ? Object.defineProperty(document, "hidden", { configurable: true, value: true }) : delete document.hidden);
/** A device stops by itself, as far as a page can tell. */
export const lose = (track) => tell(track, "ended");

/** Tells what a device may tell of itself. */
export const tell = (track, event) => track.dispatchEvent(new Event(event));
/** The `readyState` of each socket that was ever opened. */
export const socket_states = () => sockets.map((it) => it.readyState);
/** Forbids session storage, or no longer. */
export const forbid_storage = (on) => {
  const get = () => {
    throw new DOMException("refused by the test", "SecurityError");
  };
  Object.defineProperty(window, "sessionStorage", on ? { configurable: true, get } : storage);
};
/** A connection complains about an ICE server. */
export const complain = (index, url, errorCode) =>
  constructed[index].dispatchEvent(new RTCPeerConnectionIceErrorEvent("icecandidateerror", { url, errorCode }));
/** Whether a stream is heard within some seconds: the fake microphone beeps. */
export const sounds = async (stream) => {
  // Chromium decodes the sound of a connection only for an element.
  const element = document.createElement("audio");
  element.muted = true;
  element.srcObject = stream;
  element.play().catch(() => {});
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let loudest = 0;
  for (let round = 0; round < 400 && loudest < 0.1; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    analyser.getFloatTimeDomainData(samples);
    loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), loudest);
  }
  element.srcObject = null;
  await context.close();
  return loudest >= 0.1;
};
/** Names of locks that are held or asked for, if they contain a text. */
export const locks_named = async (text) => {
  const { held, pending } = await navigator.locks.query();
  return [...held, ...pending].map((lock) => lock.name).filter((name) => name.includes(text));
};
