// Document 2: five events over Socket.IO, each to everybody else. There are no rooms.
import { Server } from "socket.io";
import { serve } from "../serve.js";

const io = new Server(serve(import.meta.url));
io.on("connection", socket => {
  for (const event of ["offer", "answer", "ice1", "ice2", "hangup"]) {
    socket.on(event, (...payload) => socket.broadcast.emit(event, ...payload));
  }
});
