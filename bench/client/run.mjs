// The client against the raw limit: node bench/client/run.mjs [--messages 10000] [--rounds 5] [--delays 0,20,50]
// Needs a build (npm test), Dovecot and cc; prints medians and ratios of one run. `--large` measures memory only.
// The raw limit sends QUIT along with its last command, which a client must not (a message may be missing): so the
// first ratio is to the end of the last message. Both know the server: the raw program by its making, the client by what an
// earlier session has learnt.
import { execFileSync, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { startDovecot } from "@mailonce/testkit";
import { offered } from "../lib/offered.mjs";

const here = import.meta.dirname;
const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "10000" },
    rounds: { type: "string", default: "5" },
    delays: { type: "string", default: "0,20,50" },
    window: { type: "string" },
    large: { type: "boolean", default: false },
  },
});

if (values.large) await large();
else await compare();

async function compare() {
  const folder = mkdtempSync(join(tmpdir(), "mailonce-bench-"));
  const dovecot = await startDovecot();
  try {
    const sources = { raw: join(here, "..", "native", "raw.c"), relay: join(here, "relay.c") };
    for (const [name, source] of Object.entries(sources))
      execFileSync("cc", ["-O2", "-o", join(folder, name), source]);
    const count = Number(values.messages);
    await dovecot.deliver("alice", mails(count));
    const window = values.window === undefined ? [] : values.window.split(",");
    for (const delay of values.delays.split(",").map(Number)) {
      const relay =
        delay === 0 ? null : spawn(join(folder, "relay"), [`${dovecot.pop3Port}`, `${delay / 2}`]);
      const port = relay === null ? dovecot.pop3Port : Number(String((await once(relay.stdout, "data"))[0]));
      /** @type {number[][]} */
      const raw = [];
      /** @type {number[][]} */
      const client = [];
      const login = [`${port}`, "alice", "secret"];
      const known = await offered(port);
      for (let round = -1; round < Number(values.rounds); round++) {
        const one = timed(join(folder, "raw"), [...login, "fetch", `${count}`]);
        const other = timed(process.execPath, [join(here, "client.mjs"), ...login, known, ...window]);
        // The first round warms Dovecot's index and the page cache.
        if (round < 0) continue;
        raw.push(one);
        client.push(other);
      }
      relay?.stdin.end();
      const [limit, limitProcess] = [median(raw, 1), median(raw, 0)];
      const [process_, last, quit, octets, above, cpu] = [0, 1, 2, 3, 4, 5].map((n) => median(client, n));
      console.log(
        `${delay} ms: raw ${limit.toFixed(0)} ms, client ${show(last)} ms, ${ratio(last, limit)} x; ` +
          `with QUIT ${show(quit)} ms, ${ratio(quit, limit)} x; ` +
          `with the start of Node ${show(process_)} ms, ${ratio(process_, limitProcess)} x ` +
          `(${((octets ?? 0) / 1e6).toFixed(0)} MB, ${show(above)} MiB above idle, ${show(cpu)} ms of processor time)`,
      );
    }
  } finally {
    await dovecot.stop();
    rmSync(folder, { recursive: true });
  }
}

/** A message of 500 MB from a server that is only as much of one as it takes. */
async function large() {
  const line = Buffer.from(`${"x".repeat(998)}\r\n`);
  const piece = Buffer.concat(Array.from({ length: 64 }, () => line));
  const pieces = Math.ceil(500e6 / piece.length);
  const server = createServer(async (socket) => {
    socket.write("+OK\r\n");
    for await (const line of createInterface(socket)) {
      const verb = line.slice(0, 4);
      if (verb === "CAPA") socket.write("+OK\r\nUSER\r\nPIPELINING\r\n.\r\n");
      else if (verb === "LIST") socket.write(`+OK\r\n1 ${pieces * piece.length}\r\n.\r\n`);
      else if (verb === "RETR") {
        socket.write("+OK\r\n");
        for (let n = 0; n < pieces; n++) if (!socket.write(piece)) await once(socket, "drain");
        socket.write(".\r\n");
      } else if (verb === "QUIT") socket.end("+OK\r\n");
      else socket.write("+OK\r\n");
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const login = [`${port}`, "alice", "secret", "USER\r\nPIPELINING\r\n"];
  const child = fork(join(here, "client.mjs"), login, { silent: true });
  const [output] = await once(child.stdout ?? child, "data");
  const [ms = 0, , octets = 0, above = 0] = numbers(output);
  console.log(
    `one message of ${(octets / 1e6).toFixed(0)} MB: ${ms.toFixed(0)} ms, ${above.toFixed(0)} MiB above idle`,
  );
  server.close();
}

/** Log-normal sizes around 4 KB, 12.6 KB in the mean. @param {number} count */
function* mails(count) {
  let state = 1;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  for (let n = 0; n < count; n++) {
    const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    const size = Math.min(2e6, Math.round(4000 * Math.exp(1.5 * normal)));
    const header = `Received: from a by b; n${n}\r\nMessage-ID: <${n}@example.org>\r\nSubject: message ${n}\r\n\r\n`;
    yield Buffer.from(
      header +
        `${"The quick brown fox jumps over the lazy dog, again and again and again.\r\n".repeat(Math.ceil(size / 73))}`,
    );
  }
}

/** The process's own numbers behind the ms from its start to its end. @param {string} program @param {string[]} parameters */
function timed(program, parameters) {
  const start = performance.now();
  const output = execFileSync(program, parameters);
  return [performance.now() - start, ...numbers(output)];
}

/** @param {number | undefined} ms */
function show(ms = 0) {
  return ms.toFixed(0);
}

/** @param {number | undefined} ms @param {number} limit */
function ratio(ms = 0, limit) {
  return (ms / limit).toFixed(2);
}

/** @param {Buffer} output */
function numbers(output) {
  return output.toString().trim().split(" ").map(Number);
}

/** @param {readonly number[][]} rows @param {number} column */
function median(rows, column) {
  const sorted = rows.map((row) => row[column] ?? 0).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
