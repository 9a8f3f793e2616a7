// Passes octets on after a delay in each direction, as many as come: a long wire, not a thin one.
// node relay.mjs PORT DELAY-MS tells its own port to its parent.
import { connect, createServer } from "node:net";

const [port = 0, delay = 0] = process.argv.slice(2).map(Number);

/** @param {import("node:net").Socket} from @param {import("node:net").Socket} to */
function pass(from, to) {
  from.setNoDelay(true);
  from.on("data", (chunk) => void setTimeout(() => to.write(chunk), delay));
  from.on("end", () => void setTimeout(() => to.end(), delay));
  from.on("error", () => to.destroy());
}

const server = createServer({ allowHalfOpen: true }, (near) => {
  const far = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  pass(near, far);
  pass(far, near);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") process.send?.(address.port);
});
process.on("disconnect", () => process.exit());
