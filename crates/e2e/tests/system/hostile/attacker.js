// A client of the tests, which speaks docs/protocol.md and keeps to none of its limits: `window.attackers`.
(() => {
  /** In bytes, with what is around it. */
  const RELAY_CARRIES = 60_000;

  const pause = milliseconds => new Promise(next => setTimeout(next, milliseconds));
  const until = async (what, holds, state = () => "") => {
    const deadline = Date.now() + 60_000;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`timed out waiting until ${what} ${state()}`);
      await pause(5);
    }
  };

  const all = [];

  /** One of the others, as an attacker knows them. */
  class Peer {
    sent = 0;
    heard = 0;
    connection = 0;
    /** Their number for it. */
    theirs = undefined;
    pc = undefined;
    channel = undefined;
    /** What the browser last said against something of theirs. */
    failed = undefined;
    /** What came through the relay: how many bytes in all, and in the largest message. */
    bytes = 0;
    largest = 0;
    /** How often each kind of message came. */
    kinds = {};
    /** What happens to the connection happens in order. */
    work = Promise.resolve();

    constructor(id) {
      this.id = id;
    }

    /** For what a failed test prints. */
    get state() {
      const { id, sent, heard, connection, theirs, kinds, pc, failed } = this;
      const { signalingState, iceGatheringState, iceConnectionState, connectionState } = pc ?? {};
      const states = { signalingState, iceGatheringState, iceConnectionState, connectionState };
      return JSON.stringify({ id, sent, heard, connection, theirs, kinds, failed, ...states });
    }
  }

  class Attacker {
    secret = crypto.randomUUID();
    peers = new Map();
    you = undefined;
    /** With which code the relay has closed the connection, and what it said before. */
    closed = undefined;
    error = undefined;

    constructor(room, name) {
      this.room = room;
      this.name = name;
    }

    /** Has a seat, or waits at the door. */
    join() {
      return new Promise((done, failed) => {
        const socket = new WebSocket(`ws://${location.host}/signal`);
        this.socket = socket;
        const { room, secret, name } = this;
        socket.onopen = () => this.tell({ type: "join", room, secret, name });
        socket.onerror = () => failed(new Error("the relay is not there"));
        socket.onclose = ({ code }) => {
          if (this.socket === socket) this.closed = code;
          failed(new Error(`closed with ${code}`));
        };
        socket.onmessage = ({ data }) => {
          const message = JSON.parse(data);
          if (message.type === "joined") this.you = message.you;
          if (["joined", "full"].includes(message.type)) done(message.type);
          this.take(message);
        };
      });
    }

    /** The socket is lost, and the seat is taken again: everybody is announced to everybody anew. */
    joinAgain() {
      this.socket.onclose = null;
      return this.join();
    }

    leave() {
      this.socket.onclose = null;
      this.socket.close();
      for (const { pc } of this.peers.values()) pc?.close();
    }

    tell(message) {
      this.socket.send(JSON.stringify(message));
    }

    take(message) {
      switch (message.type) {
        case "ready":
          if (!this.peers.has(message.peer)) this.peers.set(message.peer, new Peer(message.peer));
          this.hello(this.peers.get(message.peer), this.name);
          break;
        case "left":
          this.peers.delete(message.peer);
          break;
        case "error":
          this.error = message.code;
          break;
        case "message": {
          const peer = this.peers.get(message.from);
          if (!peer) break;
          peer.bytes += message.message.length;
          peer.largest = Math.max(peer.largest, message.message.length);
          this.hear(peer, JSON.parse(message.message));
        }
      }
    }

    hear(peer, { number, connection, body, ...rest }) {
      peer.kinds[body.type] = (peer.kinds[body.type] ?? 0) + 1;
      // A second copy came over the other way.
      if (number > 0 && number <= peer.heard) return;
      peer.heard = Math.max(peer.heard, number);
      const then = work => {
        peer.work = peer.work.then(work).catch(error => (peer.failed = `${error}`));
      };
      if (body.type === "offer") then(() => this.answer(peer, connection, body));
      if (rest.to !== peer.connection) return;
      if (body.type === "answer") {
        peer.theirs = connection;
        then(() => peer.pc.setRemoteDescription(body));
      } else if (body.type === "candidate") {
        const { type, ...candidate } = body;
        then(() => peer.pc.addIceCandidate(candidate));
      }
    }

    // ── To one of them ───────────────────────────────────────────────────────────────────────────────────

    /** A numbered message: through the relay, if that carries it. */
    say(peer, body, { connection = peer.connection, to = peer.theirs, ack = peer.heard } = {}) {
      peer.sent += 1;
      const message = JSON.stringify({ number: peer.sent, ack, connection, to: to ?? undefined, body });
      if (message.length > RELAY_CARRIES) {
        peer.channel.send(message);
      } else {
        this.tell({ type: "send", to: peer.id, message });
      }
    }

    /** An unnumbered one. */
    state(peer, body) {
      const message = { number: 0, ack: 0, after: peer.sent, connection: 0, body };
      this.tell({ type: "send", to: peer.id, message: JSON.stringify(message) });
    }

    hello(peer, name, call) {
      this.state(peer, { type: "hello", earlyCandidates: true, name, call });
    }

    /** What is for the data channel alone. */
    whisper(peer, body) {
      peer.channel.send(JSON.stringify({ number: 0, ack: 0, connection: 0, body }));
    }

    open(peer) {
      peer.pc?.close();
      peer.connection += 1;
      peer.theirs = undefined;
      peer.pc = new RTCPeerConnection();
      peer.channel = peer.pc.createDataChannel("", { negotiated: true, id: 0 });
      peer.channel.onmessage = ({ data }) => this.hear(peer, JSON.parse(data));
    }

    /** Connects with them, as their client expects, and takes part in their call. */
    async call(peer) {
      await until("their client has said hello", () => peer.kinds.hello);
      // The lower name waits for an offer.
      if (this.you < peer.id) {
        await until("they have offered", () => peer.kinds.offer);
      } else {
        await this.offer(peer);
      }
      const isOpen = () => peer.channel?.readyState === "open";
      const givenUp = () => peer.kinds["give-up"] ?? 0;
      for (let before = givenUp(); !isOpen(); before = givenUp()) {
        await until("the channel is open", () => isOpen() || givenUp() > before, () => peer.state);
        // On a busy machine, their patience may end first. A new call is a new connection, whoever makes it.
        if (!isOpen()) await this.offer(peer);
      }
      this.say(peer, { type: "media", camera: false, microphone: false });
      this.say(peer, { type: "call" });
      await until("they take part", () => peer.kinds.call);
      // They need not send any video.
      this.whisper(peer, { type: "show", width: 0 });
    }

    async offer(peer) {
      this.open(peer);
      for (const kind of ["audio", "video"]) peer.pc.addTransceiver(kind, { direction: "recvonly" });
      await peer.pc.setLocalDescription();
      this.say(peer, { type: "offer", sdp: peer.pc.localDescription.sdp, exchange: 1 });
    }

    async answer(peer, connection, { sdp, exchange }) {
      if (peer.theirs !== connection) {
        this.open(peer);
        peer.theirs = connection;
      }
      await peer.pc.setRemoteDescription({ type: "offer", sdp });
      await peer.pc.setLocalDescription();
      this.say(peer, { type: "answer", sdp: peer.pc.localDescription.sdp, exchange });
    }

    // ── To all of them ───────────────────────────────────────────────────────────────────────────────────

    /** All others but other attackers. */
    get victims() {
      return [...this.peers.values()].filter(({ id }) => all.every(({ you }) => you !== id));
    }

    all(attack) {
      return Promise.all(this.victims.map(attack));
    }

    /** Takes part in the call of so many others. */
    async callAll(others) {
      await until("all are there", () => this.victims.length === others);
      await this.all(peer => this.call(peer));
    }

    /** Writes so many messages, half of them as long as they may be. */
    async chat(count) {
      const text = number => (number % 2 ? `spam ${number}` : `${number} `.padEnd(2000, "spam "));
      await this.all(async peer => {
        for (let number = 1; number <= count; number++) {
          const place = { position: Date.now(), tie: number };
          this.whisper(peer, { type: "say", number, place, text: text(number) });
          if (number % 100 === 0) await until("there is room", () => peer.channel.bufferedAmount < 1e6);
        }
        await until("all is on its way", () => peer.channel.bufferedAmount === 0);
      });
    }

    /** Offers so many connections, each of them a new one. Those before a call don't ring. */
    async offers(count, warm) {
      const pc = new RTCPeerConnection();
      pc.createDataChannel("", { negotiated: true, id: 0 });
      const { sdp } = await pc.createOffer();
      pc.close();
      await this.all(async peer => {
        for (let i = 0; i < count; i++) {
          peer.connection += 1;
          this.say(peer, { type: "offer", sdp, exchange: 1, warm }, { to: null });
          if (i % 10 === 9) await pause(10);
        }
      });
    }

    /** Offers so many media sections over the connection that is there, and answers with as many. */
    async sections(count) {
      const section = index => `m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:${index}\r\na=inactive\r\n`;
      await this.all(peer => {
        const start = peer.pc.localDescription.sdp;
        const sdp = start + Array.from({ length: count }, (_, index) => section(index)).join("");
        this.say(peer, { type: "offer", sdp, exchange: 2 });
        this.say(peer, { type: "answer", sdp, exchange: 1 });
      });
    }

    /**
     * Has them answer one offer after the other, acknowledges nothing, and loses the socket so many times:
     * all that waits for us is said again.
     */
    async fillMailbox(offers, times) {
      await this.all(async peer => {
        for (let exchange = 2; exchange < 2 + offers; exchange++) {
          await peer.pc.setLocalDescription();
          const answers = peer.kinds.answer ?? 0;
          this.say(peer, { type: "offer", sdp: peer.pc.localDescription.sdp, exchange }, { ack: 0 });
          await until("it is answered", () => peer.kinds.answer > answers && peer.pc.signalingState === "stable");
        }
      });
      for (let i = 0; i < times; i++) {
        await this.joinAgain();
        await pause(20);
      }
    }

    /** Changes the name, by which others know us, and what else is said of ourselves. */
    async rename(count) {
      for (let i = 0; i < count; i++) {
        await this.all(peer => this.hello(peer, `${this.name} ${i}`, i % 2 ? "open" : undefined));
        if (i % 20 === 19) await pause(5);
      }
    }

    /** Changes the name by which the relay lets us knock, until the relay has enough of it. */
    async renameAtDoor(count) {
      for (let i = 0; i < count && this.closed === undefined; i++) {
        this.tell({ type: "name", name: `${this.name} ${i}` });
        await pause(1);
      }
    }

    /** Rings so many times, and gives up each time before anybody can answer. */
    async ring(count) {
      const pc = new RTCPeerConnection();
      pc.createDataChannel("", { negotiated: true, id: 0 });
      const { sdp } = await pc.createOffer();
      pc.close();
      for (let i = 0; i < count; i++) {
        await this.all(peer => {
          peer.connection += 1;
          this.say(peer, { type: "offer", sdp, exchange: 1 }, { to: null });
        });
        await pause(40);
        await this.all(peer => this.say(peer, { type: "hang-up" }, { to: null }));
        await pause(10);
      }
    }

    /** Hands, reactions, sizes, cameras. */
    async fidget(count) {
      const reactions = ["thumbs-up", "heart", "joy", "wow", "clap", "party"];
      for (let i = 0; i < count; i++) {
        await this.all(peer => {
          this.whisper(peer, { type: "hand", up: i % 2 === 0 });
          this.whisper(peer, { type: "react", reaction: reactions[i % reactions.length] });
          this.whisper(peer, { type: "show", width: i % 2 ? 0 : 1280 });
          this.say(peer, { type: "media", camera: false, microphone: i % 2 === 0 });
        });
        // So that each could be drawn.
        await pause(20);
      }
      await this.all(peer => this.whisper(peer, { type: "show", width: 0 }));
    }
  }

  window.attackers = {
    /** They come, one after the other. Those who were there before leave. */
    join: async (room, names) => {
      all.splice(0).forEach(attacker => attacker.leave());
      for (const name of names) {
        const attacker = new Attacker(room, name);
        all.push(attacker);
        await attacker.join();
      }
    },
    /** All of them do something at once. */
    each: attack => Promise.all(all.map(attack)),
  };
})();
