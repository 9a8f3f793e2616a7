// Loaded into the command with NODE_OPTIONS=--import: breaks the reader of messages. MAILONCE_TEST_READER says how; with
// MAILONCE_TEST_READER_ONLY it breaks only at a message in which this stands.
import childProcess from "node:child_process";
import process from "node:process";
import { isMainThread } from "node:worker_threads";

const { MAILONCE_TEST_READER: how = "", MAILONCE_TEST_READER_ONLY: only = "" } = process.env;

/** @type {Readonly<Record<string, () => void>>} */
const ways = {
  "does not start": () => {
    throw new Error("broken on purpose");
  },
  throws: () => {
    throw new Error("broken on purpose");
  },
  "ends its process": () => process.exit(3),
  hangs: () => {
    for (;;);
  },
  "takes all memory, bit by bit": () => {
    for (const taken = []; ; ) taken.push(new Array(1000).fill(taken.length));
  },
  "takes all memory, much at once": () => {
    for (const taken = []; ; ) taken.push(new Array(2e7).fill(taken.length));
  },
};

const broken = ways[how] ?? (() => {});
const isReader = /reading-process/.test(process.argv[1] ?? "");
if (!isMainThread) {
  // It watches whether the command is there, whatever the reader does.
} else if (!isReader) {
  // Nobody wants to wait half a minute for one that hangs.
  const { setTimeout: original } = globalThis;
  const quicker = (/** @type {() => void} */ todo, /** @type {number} */ ms) =>
    original(todo, ms === 30_000 && how === "hangs" ? 5000 : ms);
  Object.assign(globalThis, { setTimeout: quicker });
  // Nor until half a gibibyte is full.
  const { spawn } = childProcess;
  const smaller = (
    /** @type {string} */ program,
    /** @type {string[]} */ parameters,
    /** @type {object} */ options,
  ) => spawn(program, ["--max-old-space-size=64", ...parameters.slice(1)], options);
  Object.assign(childProcess, { spawn: smaller });
} else if (how === "does not start") broken();
else
  process.on("message", (/** @type {any} */ { octets }) => {
    if (Buffer.from(octets).includes(only)) broken();
  });
