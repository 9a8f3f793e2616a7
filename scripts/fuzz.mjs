// npm run fuzz: see USAGE.
import assert from "node:assert/strict";
import { join } from "node:path";
import { Duplex } from "node:stream";
import fc from "fast-check";
import { readOptions, wholeNumber } from "./options.mjs";
import { build, installPackages, root } from "./setup.mjs";

const USAGE = `npm run fuzz [-- OPTION…]

Feeds the POP3 client's engine and session with arbitrary octets. No crash, no hang, no growth.

  --octets N  so many for each (12000000)
  --seed N    plays a run again (by default another one each time)`;

const { values } = readOptions(USAGE, {
  octets: { type: "string", default: "12000000" },
  seed: { type: "string", default: `${Date.now() % 2 ** 31}` },
});
const target = wholeNumber(USAGE, "--octets", values.octets, 1);
const firstSeed = wholeNumber(USAGE, "--seed", values.seed);
if (process.env["SKIP_SETUP"] === undefined) installPackages();
if (process.env["SKIP_SETUP"] === undefined) build();
const dist = join(root, "packages/pop3/dist");
const { Engine } = await import(join(dist, "protocol/engine.js"));
const { command } = await import(join(dist, "protocol/command.js"));
const { defaultLimits } = await import(join(dist, "protocol/limits.js"));
const { connect, Pop3Error } = await import(join(dist, "index.js"));

/** Small, so that they are met. */
const limits = {
  ...defaultLimits,
  statusLineOctets: 600,
  challengeOctets: 800,
  listingOctets: 4096,
  listingLineOctets: 80,
  capabilityOctets: 1024,
  messageOctets: 8192,
  headerOctets: 2048,
  topOctets: 4096,
  listingLines: 500,
  bufferedOctets: 1024,
};

/** Pieces of which replies are made; each is a way to be almost right. */
const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "+OK\r\n",
      "+OK 2 300\r\n",
      "-ERR\r\n",
      "-ERR [SYS/TEMP] x\r\n",
      ".\r\n",
      "\r\n.\r\n",
      "+ \r\n",
      "+ cj14\r\n",
      "+OK\n",
      "..\r\n",
      "\r\n",
      "\n",
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "\r",
      "\n",
      ".",
      "+",
      "-",
      "\0",
      "\xff",
      " ",
      "1 100\r\n",
      "2 x\r\n",
      "TOP\r\nUIDL\r\nPIPELINING\r\nSASL PLAIN SCRAM-SHA-256\r\n",
      "+OK hi <1.2@h>\r\n",
    ),
  },
  {
    weight: 2,
    arbitrary: fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.from(octets).toString("latin1")),
  },
  { weight: 1, arbitrary: fc.nat(12_000).map((count) => "x".repeat(count)) },
  { weight: 1, arbitrary: fc.nat(900).map((count) => "1 1\r\n".repeat(count)) },
);
const received = fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.from(pieces.join(""), "latin1"));
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 10 });
const verbs = fc.constantFrom(
  ...[
    ["RETR", 1],
    ["TOP", 1, 0],
    ["LIST"],
    ["LIST", 1],
    ["UIDL"],
    ["NOOP"],
    ["CAPA"],
    ["STAT"],
    ["DELE", 1],
    ["USER", "u"],
    ["PASS", "secret"],
  ],
  ...[
    ["AUTH", "PLAIN"],
    ["AUTH", "PLAIN", "AHUAcA=="],
    ["RESPONSE", "AHU="],
    ["STLS"],
    ["UTF8"],
    ["LANG"],
    ["QUIT"],
    ["APOP", "u", "digest"],
  ],
);

/** @param {Buffer} octets @param {readonly number[]} places */
function split(octets, places) {
  const at = places.map((place) => Math.floor(place * octets.length)).sort((a, b) => a - b);
  return [...at, octets.length].map((to, index) => octets.subarray(at[index - 1] ?? 0, to));
}

/** What was read as text, data joined. @param {readonly any[]} given */
function told(given) {
  let text = "";
  for (const one of given) {
    if (one instanceof Uint8Array) text += Buffer.from(one).toString("latin1");
    else if (one === null) text += "\u0001end\u0001";
    else
      text += `\u0001${one.kind} ${one.verb ?? ""} ${one.ok ?? ""} ${one.statusText ?? one.base64 ?? one.code ?? ""}\u0001`;
  }
  return text;
}

/** @param {readonly any[]} commands @param {readonly Buffer[]} chunks */
function play(commands, chunks) {
  /** @type {any[]} */
  const given = [];
  const fatal = (/** @type {unknown} */ error) => given.push(error);
  const engine = new Engine(limits, { taken: () => undefined, fatal });
  const receive = (/** @type {Buffer} */ chunk) => {
    engine.receive(chunk);
    try {
      for (;;) {
        const next = engine.inBody ? engine.readData() : engine.readReply();
        if (next === undefined) return;
        given.push(next);
        // The end of a multi-line reply may be known with its last octets.
        if (next instanceof Uint8Array && !engine.inBody) given.push(null);
        engine.readUnasked();
      }
    } catch (error) {
      assert(error instanceof Pop3Error);
    }
  };
  receive(Buffer.from("+OK\r\n"));
  const send = () => {
    for (const [verb, ...args] of commands) {
      try {
        engine.send(command(verb, ...args));
      } catch (error) {
        assert.equal(/** @type {any} */ (error).code, "POP3_WRONG_STATE");
      }
    }
  };
  send();
  for (const chunk of chunks) receive(Buffer.from(chunk));
  const failed = given.findIndex((one) => one instanceof Error);
  assert(failed < 0 || failed === given.length - 1, "nothing follows a fatal error");
  return given;
}

let engineOctets = 0;
let sessionOctets = 0;

const engineProperty = fc.property(
  fc.array(verbs, { maxLength: 8 }),
  received,
  cuts,
  (commands, octets, places) => {
    engineOctets += octets.length * 2;
    const whole = told(play(commands, [octets]));
    const apart = told(
      play(commands, octets.length < 400 ? [...octets].map((one) => Buffer.of(one)) : split(octets, places)),
    );
    // A limit on a body is looked at after each chunk, so only what comes before it is the same.
    if (!whole.includes("LIMIT_EXCEEDED") && !apart.includes("LIMIT_EXCEEDED")) assert.equal(apart, whole);
  },
);

/** A stream whose far side says these chunks, some at each write, and then ends. @param {readonly Buffer[]} chunks */
function farSide(chunks) {
  let next = 0;
  let flowing = false;
  // One chunk a turn, so that commands and octets cross each other.
  const flow = () => {
    if (stream.destroyed) return;
    if (next === chunks.length) stream.push(null);
    else {
      stream.push(chunks[next++]);
      setImmediate(flow);
    }
  };
  const stream = new Duplex({
    read() {},
    write(_, __, done) {
      if (!flowing) setImmediate(flow);
      flowing = true;
      done();
    },
  });
  stream.push(Buffer.from("+OK hello <1.2@h>\r\n"));
  return stream;
}

/** @type {Record<string, (client: any) => Promise<unknown>>} */
const calls = {
  login: (client) => client.login({ user: "u", password: "secret" }),
  sasl: (client) =>
    client.login(
      { user: "u", password: "secret" },
      { mechanisms: ["SCRAM-SHA-256", "CRAM-MD5", "LOGIN", "PLAIN"] },
    ),
  stat: (client) => client.stat(),
  listings: (client) => drain(client.listings()),
  supports: (client) => client.supports("TOP"),
  languages: (client) => client.languages(),
  uidlOne: (client) => client.uidlOne(1),
  quit: (client) => client.quit(),
  list: (client) => drain(client.list()),
  uidl: (client) => drain(client.uidl()),
  retr: async (client) => drain((await client.retr(1)).content),
  headers: (client) => drain(client.topMany([1, 2, 3])),
  topBlocks: (client) => drain(client.topBlocks([1, 2, 3, 4], { blockMessages: 2 })),
  deleMany: (client) => drain(client.deleMany([1, 2])),
  retrMany: async (client) => {
    const requests = [1, 2, 3, 4].map((messageNumber) => ({ messageNumber, listedOctets: 300 }));
    for await (const reply of client.retrMany(requests))
      if (reply.kind === "message" && reply.messageNumber !== 2) await drain(reply.content);
  },
  retrBlocks: async (client) => {
    const requests = [1, 2, 3, 4].map((messageNumber) => ({
      messageNumber,
      listedOctets: 300 * messageNumber,
    }));
    const bounds = { blockMessages: 2, blockOctets: 500, wholeOctets: 1_000 };
    for await (const part of client.retrBlocks(requests, bounds))
      if (part.kind === "stream" && part.messageNumber !== 2) await drain(part.content);
  },
};

/** @param {AsyncIterable<unknown>} items */
async function drain(items) {
  for await (const _ of items);
}

const sessionProperty = fc.asyncProperty(
  fc.array(fc.constantFrom(...Object.keys(calls)), { maxLength: 6 }),
  received,
  fc.array(received, { maxLength: 3 }),
  cuts,
  async (names, first, more, places) => {
    // A decent beginning, so that the rest is reached.
    const decent = [
      "+OK\r\nTOP\r\nPIPELINING\r\n.\r\n",
      "+OK\r\n",
      "+OK\r\n",
      "+OK\r\nPIPELINING\r\n.\r\n",
    ].map((text) => Buffer.from(text));
    const octets = Buffer.concat([first, ...more]);
    sessionOctets += octets.length;
    const chunks = first.length % 4 === 0 ? split(octets, places) : [...decent, ...split(octets, places)];
    const timer = setTimeout(() => {
      console.error(`hangs: seed ${seed}`, names);
      process.exit(1);
    }, 20_000);
    try {
      const client = await connect({
        host: "h",
        security: "plain",
        limits,
        timeouts: { replyMs: 5_000, idleMs: 5_000 },
        dial: async () => farSide(chunks),
      });
      for (const name of first.length % 4 === 0 ? names : ["login", ...names]) {
        await calls[name]?.(client).catch((error) => {
          if (!(error instanceof Pop3Error)) throw error;
          assert.equal(
            client.usable,
            error.sessionUsable && client.usable,
            "an error says whether the session goes on",
          );
        });
      }
      await client.close();
    } catch (error) {
      if (!(error instanceof Pop3Error)) throw error;
    } finally {
      clearTimeout(timer);
    }
  },
);

let seed = firstSeed;
const start = performance.now();
const { gc } = globalThis;
gc?.();
const before = process.memoryUsage();
while (engineOctets < target || sessionOctets < target) {
  if (engineOctets < target) fc.assert(engineProperty, { seed, numRuns: 500 });
  if (sessionOctets < target) await fc.assert(sessionProperty, { seed, numRuns: 200 });
  seed++;
}
gc?.();
const after = process.memoryUsage();
const grown = (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / 1024 / 1024;
console.log(
  `engine ${engineOctets} octets, session ${sessionOctets} octets, seeds ${firstSeed} to ${seed - 1}, ` +
    `${((performance.now() - start) / 1000).toFixed(1)} s, ${grown.toFixed(1)} MiB more in use`,
);
assert(grown < 64, "memory grows");
