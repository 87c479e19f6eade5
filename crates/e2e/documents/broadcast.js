// The plain WebSocket server of documents 3 and 4. It understands no message: each goes to everybody else.
import { WebSocket, WebSocketServer } from "ws";

/** `echo`: to the sender as well. `binary`: as binary, which browsers get as a Blob. */
export const broadcast = (server, { echo = false, binary = false } = {}) => {
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", sender => {
    // ws closes the socket itself after an error; unheard, it would end the server.
    sender.on("error", error => console.error(error.message));
    sender.on("message", (data, isBinary) => {
      for (const socket of sockets.clients) {
        if (socket.readyState === WebSocket.OPEN && (echo || socket !== sender)) {
          socket.send(data, { binary: binary || isBinary });
        }
      }
    });
  });
};
