// Watches what the page leaves open. Installed once, and never removed: a page belongs to one file of tests.

const connections = new Set();
const constructed = [];
const listeners = new Set();
const timers = new Map();
const tracks = new Set();
const faults = [];
let asking = 0;
let fetched = 0;

function watched(target) {
  return target instanceof RTCPeerConnection || target instanceof MediaStreamTrack || target instanceof BroadcastChannel;
}

function install() {
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class RTCPeerConnection extends Native {
    constructor(...args) {
      super(...args);
      this.gathered = [];
      this.added = 0;
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
    close() {
      connections.delete(this);
      super.close();
    }
  };

  const { addEventListener, removeEventListener } = EventTarget.prototype;
  const find = (target, type, callback) =>
    [...listeners].find((it) => it.target === target && it.type === type && it.callback === callback);
  EventTarget.prototype.addEventListener = function (type, callback, ...rest) {
    if (watched(this) && callback && !find(this, type, callback)) listeners.add({ target: this, type, callback });
    return addEventListener.call(this, type, callback, ...rest);
  };
  EventTarget.prototype.addEventListener.native = addEventListener;
  EventTarget.prototype.removeEventListener = function (type, callback, ...rest) {
    if (watched(this)) listeners.delete(find(this, type, callback));
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
/** Names of locks that are held or asked for, if they contain a text. */
export const locks_named = async (text) => {
  const { held, pending } = await navigator.locks.query();
  return [...held, ...pending].map((lock) => lock.name).filter((name) => name.includes(text));
};
