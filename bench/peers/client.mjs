// Not a peer: @mailonce/pop3 by itself, as a program uses it that throws the contents away. node client.mjs PORT USER
// Computed, so that types can be checked before anything is built.
const { connect } = await import(new URL("../../packages/pop3/dist/index.js", import.meta.url).href);

const [port, user = ""] = process.argv.slice(2);
const cpuStart = process.cpuUsage();
const start = performance.now();
const client = await connect({ host: "127.0.0.1", port: Number(port), security: "plain" });
// AUTH PLAIN with its initial response: one round trip, where USER and PASS are two; what it can do then comes with LIST.
await client.login({ user, password: "secret" }, { mechanisms: ["PLAIN"], awaitCapabilities: false });
const requests = [];
for await (const { messageNumber, octets } of client.list())
  requests.push({ messageNumber, listedOctets: octets });
let received = 0;
for await (const reply of client.retrieve(requests)) {
  if (reply.kind === "refused") throw reply.error;
  for await (const chunk of reply.content) received += chunk.length;
}
await client.quit();
const seconds = (performance.now() - start) / 1000;
const cpu = process.cpuUsage(cpuStart);
console.log(JSON.stringify({ seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6, received }));
