// Document 1: rooms of two and short-lived TURN credentials, over Socket.IO.
import { Server } from "socket.io";
import { serve } from "../serve.js";

// The shape that Twilio's library for Node answers with. Its list names each server twice, as `url` and as
// `urls`; the default has the older name alone, which a client must take as well.
const iceServers = JSON.parse(process.env.ICE_SERVERS ?? '[{ "url": "stun:127.0.0.1:3478" }]');
const token = () => ({
  accountSid: "AC00000000000000000000000000000000",
  dateCreated: new Date().toISOString(),
  dateUpdated: new Date().toISOString(),
  iceServers,
  password: "password",
  ttl: "86400",
  username: "username",
});

const io = new Server(serve(import.meta.url));
io.on("connection", socket => {
  socket.on("join", room => {
    const people = io.sockets.adapter.rooms.get(room)?.size ?? 0;
    if (people >= 2) {
      socket.emit("full", room);
      return;
    }
    socket.join(room);
    if (people === 1) {
      io.to(room).emit("ready", room);
    }
  });
  socket.on("token", () => socket.emit("token", token()));
  // To everybody else, whatever their room. Nobody is told when somebody leaves.
  for (const event of ["offer", "answer", "candidate"]) {
    socket.on(event, text => socket.broadcast.emit(event, text));
  }
});
