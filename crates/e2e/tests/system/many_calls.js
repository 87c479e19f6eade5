// Counts what a page keeps of what it has made: `window.kept()`. It must come before the page's own scripts.
// (Chromium's tools could count as well, by `Runtime.queryObjects`; but a tab crashes on that once its
// WebAssembly has loaded a chunk.)
(() => {
  /** What is no longer there has an empty reference. */
  const made = { connections: [], streams: [], tracks: [] };
  const note = (kind, object) => {
    if (!made[kind].some(reference => reference.deref() === object)) {
      made[kind].push(new WeakRef(object));
    }
  };
  const noteStream = stream => {
    note("streams", stream);
    stream.getTracks().forEach(track => note("tracks", track));
  };

  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(target, settings, newTarget) {
      const connection = Reflect.construct(target, settings, newTarget);
      note("connections", connection);
      connection.addEventListener("track", ({ track, streams }) => {
        note("tracks", track);
        streams.forEach(noteStream);
      });
      return connection;
    },
  });
  window.MediaStream = new Proxy(MediaStream, {
    construct(target, tracks, newTarget) {
      const stream = Reflect.construct(target, tracks, newTarget);
      noteStream(stream);
      return stream;
    },
  });
  const { clone } = MediaStreamTrack.prototype;
  MediaStreamTrack.prototype.clone = function () {
    const track = clone.call(this);
    note("tracks", track);
    return track;
  };

  // Small videos, so that a thousand calls don't take all day.
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async () => {
    const stream = await open({ audio: true, video: { width: 320, height: 240 } });
    noteStream(stream);
    return stream;
  };

  // wasm-bindgen registers each closure that it hands to JavaScript until it is dropped.
  let callbacks = 0;
  window.FinalizationRegistry = class extends FinalizationRegistry {
    constructor(finalize) {
      super(state => {
        callbacks -= 1;
        finalize(state);
      });
    }

    register(...of) {
      callbacks += 1;
      super.register(...of);
    }

    unregister(token) {
      const was = super.unregister(token);
      callbacks -= was;
      return was;
    }
  };

  let memory;
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const real = WebAssembly[name];
    WebAssembly[name] = async (...program) => {
      const instance = await real.apply(WebAssembly, program);
      // Chunks have none of their own.
      memory ??= (instance.instance ?? instance).exports.memory;
      return instance;
    };
  }

  window.kept = () => {
    const count = { callbacks, memory: memory.buffer.byteLength };
    for (const [kind, references] of Object.entries(made)) {
      made[kind] = references.filter(reference => reference.deref());
      count[kind] = made[kind].length;
    }
    return count;
  };
})();
