// Document 3: a plain WebSocket server on port 1337. Some of its versions send to the sender as well.
import { broadcast } from "../broadcast.js";
import { serve } from "../serve.js";

const { ECHO, BINARY } = process.env;
broadcast(serve(import.meta.url, { port: 1337 }), { echo: ECHO === "1", binary: BINARY === "1" });
