// What the four servers do alike: the page at `/`, one line that says the port, and an end.
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import express from "express";

/** Serves the folder `page` beside the module at `url`. Port 0 is any free one. */
export const serve = (url, { port = 0 } = {}) => {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: String(port) },
      host: { type: "string", default: "127.0.0.1" },
    },
  });
  const page = express.static(fileURLToPath(new URL("page", url)));
  const server = createServer(express().use(page));
  server.listen(Number(values.port), values.host, () => console.log(`listening ${server.address().port}`));
  // A test that dies closes the pipe it gave us as input, so no server outlives it.
  process.stdin.on("close", () => process.exit()).resume();
  process.on("SIGTERM", () => process.exit());
  return server;
};
