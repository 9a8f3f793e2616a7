// One run of the client in a process of its own: node client.mjs PORT USER PASSWORD CAPABILITIES [WINDOW-OCTETS WINDOW-COMMANDS]
// CAPABILITIES: what an earlier session learnt of the server, as a program keeps it that comes back.
// prints ms from connecting to the end of the last message, and to the reply to QUIT, octets, MiB of memory above the
// idle process, ms of processor time.
// Computed, so that types can be checked before anything is built.
const { Capabilities, connect } = await import(
  new URL("../../packages/pop3/dist/index.js", import.meta.url).href
);

const [port, user = "", password = "", offered = "", windowOctets, windowCommands] = process.argv.slice(2);
const window =
  windowOctets === undefined
    ? {}
    : { windowOctets: Number(windowOctets), windowCommands: Number(windowCommands) };
const knownCapabilities = new Capabilities(Buffer.from(offered));
const idle = process.memoryUsage.rss();
const cpuStart = process.cpuUsage();
const start = performance.now();
const client = await connect({ host: "127.0.0.1", port: Number(port), security: "plain", knownCapabilities });
// AUTH PLAIN with its initial response: one round trip, where USER and PASS are two.
await client.login({ user, password }, { mechanisms: ["PLAIN"], awaitCapabilities: false });
const requests = [];
for await (const { messageNumber, octets } of client.list())
  requests.push({ messageNumber, listedOctets: octets });
let octets = 0;
for await (const part of client.retrBlocks(requests, window)) {
  if (part.kind === "suspect") throw new Error(`message ${part.messageNumber} is short`);
  if (part.kind === "stream") for await (const chunk of part.content) octets += chunk.length;
  else
    for (const reply of part.replies) {
      if (reply.kind === "refused") throw reply.error;
      octets += reply.octets.length;
    }
}
const ms = performance.now() - start;
await client.quit();
const withQuit = performance.now() - start;
const peak = process.resourceUsage().maxRSS / 1024 - idle / 1024 / 1024;
const cpu = process.cpuUsage(cpuStart);
const cpuMs = (cpu.user + cpu.system) / 1000;
console.log([ms, withQuit, octets, peak, cpuMs].map((number) => number.toFixed(1)).join(" "));
