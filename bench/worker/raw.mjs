// The exchange that a run of an account makes, on bare sockets, with nothing behind it.
import { once } from "node:events";
import { connect } from "node:net";

/**
 * Logs in to each maildrop, lists it and retrieves one message, over so many connections at a time.
 * @param {{ readonly port: number, readonly users: readonly string[], readonly atOnce: number, readonly message: number }} exchange
 * @returns {Promise<import("../lib/measure.mjs").Sample>}
 */
export async function rawRuns({ port, users, atOnce, message }) {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const left = users.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const user of left) await rawRun(port, user, message);
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6, peakOctets: process.memoryUsage().rss };
}

const STATUS = /^\+OK[^\r]*\r\n$/;
const MULTI_LINE = /^\+OK[^\r]*\r\n(?:[\s\S]*\r\n)?\.\r\n$/;
/** A status line, then two replies of many lines. */
const LISTINGS = /^\+OK[^\r]*\r\n\+OK[^\r]*\r\n(?:[\s\S]*\r\n)?\.\r\n\+OK[^\r]*\r\n(?:[\s\S]*\r\n)?\.\r\n$/;

/** @param {number} port @param {string} user @param {number} message */
async function rawRun(port, user, message) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true }).setEncoding("latin1");
  let text = "";
  /** @param {RegExp} end */
  const reply = async (end) => {
    while (!end.test(text)) {
      const [chunk] = await once(socket, "data");
      text += chunk;
      if (text.startsWith("-ERR")) throw new Error(`${user}: ${text}`);
    }
    text = "";
  };
  await reply(STATUS);
  /** @type {readonly (readonly [string, RegExp])[]} */
  const commands = [
    ["CAPA", MULTI_LINE],
    [`USER ${user}`, STATUS],
    ["PASS secret", STATUS],
    ["CAPA", MULTI_LINE],
    ["STAT\r\nUIDL\r\nLIST", LISTINGS],
    [`RETR ${message}`, MULTI_LINE],
    ["QUIT", STATUS],
  ];
  for (const [command, end] of commands) {
    socket.write(`${command}\r\n`);
    await reply(end);
  }
  socket.destroy();
}
