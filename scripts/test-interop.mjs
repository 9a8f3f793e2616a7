// npm run test:interop: the POP3 client against every POP3 server of Debian that is not in `npm test`. Needs root
// (or sudo that asks nothing), apt-get, and a kernel with overlayfs. Nothing is installed: the packages conflict
// with each other, so each is unpacked into a folder and run in namespaces of its own (interop/guest.sh).
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDebianPackages } from "./debian.mjs";
import { build, installPackages, root } from "./setup.mjs";

/**
 * @typedef {object} Server
 * @property {string} name
 * @property {readonly string[]} packages
 * @property {boolean} [stls]
 * @property {boolean} [rewrites] it writes fields of its own into the messages, other ones in each session
 * @property {(mails: readonly string[]) => readonly string[]} [stores] what it is known to make of mail that is
 *   delivered to it, as far as that goes beyond fields of its own; default: nothing
 * @property {boolean} [apopFails] it greets with a timestamp, but the user has no secret for APOP
 * @property {readonly string[]} [mechanisms] besides the one that the client chooses
 */

/** @type {readonly Server[]} */
const servers = [
  { name: "popa3d", packages: ["popa3d", "socat"] },
  {
    name: "solid-pop3d",
    packages: ["solid-pop3d", "socat"],
    mechanisms: ["USER"],
    apopFails: true,
  },
  {
    name: "mailutils",
    packages: ["mailutils-pop3d", "socat"],
    mechanisms: ["USER"],
    apopFails: true,
    stores: asMailutilsReads,
    rewrites: true,
  },
  {
    name: "courier",
    packages: ["courier-pop", "courier-authdaemon"],
    stls: true,
    mechanisms: ["USER", "PLAIN", "LOGIN"],
  },
  {
    name: "cyrus",
    // It refuses the others: "Message contains invalid header".
    stores: (mails) => mails.filter(beginsWithHeader).map(withoutEightBitHeader),
    packages: ["cyrus-pop3d", "sasl2-bin", "libsasl2-modules", "libsasl2-modules-db"],
    stls: true,
    mechanisms: [
      "USER",
      "PLAIN",
      "LOGIN",
      "CRAM-MD5",
      "SCRAM-SHA-1",
      "SCRAM-SHA-256",
      "SCRAM-SHA-1-PLUS",
      "SCRAM-SHA-256-PLUS",
    ],
  },
];

/** Between the messages of an mbox. */
const separator = "From joe@example.org Mon Jan  1 00:00:00 2024\n";

/**
 * mailutils takes the empty line before the next message for the end of a header that has none, and the next
 * message for the body; a header that does not begin with a field it leaves out.
 * @param {readonly string[]} mails
 */
function asMailutilsReads(mails) {
  /** @type {string[]} */
  const stored = [];
  let open = "";
  for (const mail of mails) {
    const text = `${open}${mail}${mail.endsWith("\n") ? "" : "\n"}`;
    open = mail === "" || /^\n|\n\n/.test(mail) ? "" : `${text}\n${separator}`;
    if (open === "") stored.push(beginsWithHeader(text) ? text : text.slice(text.indexOf("\n\n") + 1));
  }
  return stored;
}

/** Cyrus puts an X for each 8-bit octet of a header (munge8bit). @param {string} mail */
function withoutEightBitHeader(mail) {
  const end = mail.indexOf("\n\n");
  const head = end < 0 ? mail : mail.slice(0, end);
  return head.replace(/[\x80-\xff]/g, "X") + mail.slice(head.length);
}

/** It begins with a field, or with the empty line that ends a header. @param {string} mail */
function beginsWithHeader(mail) {
  return mail === "" || /^(\n|[^\s:]+:)/.test(mail);
}

const wanted = process.argv.slice(2);
const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];

/** @param {string} program @param {readonly string[]} parameters @param {string} [cwd] */
function output(program, parameters, cwd = root) {
  return execFileSync(program, parameters, {
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 26,
    stdio: ["ignore", "pipe", "ignore"],
  });
}

/** Unpacks the packages and what they need that is not installed. @param {Server} server @returns {string} the folder */
function unpack(server) {
  const folder = join(root, "node_modules", ".cache", "mailonce-interop", server.name);
  if (existsSync(join(folder, "unpacked"))) return join(folder, "root");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "root"), { recursive: true });
  mkdirSync(join(folder, "debs"));
  const plan = output("apt-get", ["install", "--simulate", "--no-install-recommends", ...server.packages]);
  const needed = [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? "");
  output("apt-get", ["download", ...new Set([...needed, ...server.packages])], join(folder, "debs"));
  for (const deb of readdirSync(join(folder, "debs"))) {
    output("dpkg", ["-x", join(folder, "debs", deb), join(folder, "root")]);
  }
  // /lib and /sbin are links on this system; a folder of that name would hide everything in them.
  for (const name of ["lib", "sbin", "bin"]) {
    if (!existsSync(join(folder, "root", name))) continue;
    mkdirSync(join(folder, "root", "usr", name), { recursive: true });
    output("cp", ["-a", `${join(folder, "root", name)}/.`, join(folder, "root", "usr", name)]);
    rmSync(join(folder, "root", name), { recursive: true });
  }
  writeFileSync(join(folder, "unpacked"), "");
  return join(folder, "root");
}

/** What a server may have made of a message: line ends, the last one, fields that it writes itself. @param {string} text */
function essence(text) {
  const lines = text.replace(/\r\n/g, "\n").split("\n");
  const end = lines.indexOf("");
  const head = lines.slice(0, end < 0 ? lines.length : end);
  const kept = head.filter(
    (line) =>
      !/^(Status|X-Status|X-UIDL|X-UID|X-IMAPbase|Return-Path|Received: from localhost|X-Sieve|X-Original-To|Delivered-To|Content-Length):?/i.test(
        line,
      ),
  );
  const text2 = [...kept, ...(end < 0 ? [] : lines.slice(end))].join("\n").replace(/\n*$/, "\n");
  return createHash("sha256").update(text2, "latin1").digest("hex");
}

/** What Cyrus adds to a header that lacks it, at its end. */
const cyrusFields = /\r\n(Message-ID: <cmu-lmtpd-[^>]*>|Date: [^\r]*)(?=\r\n\r\n)/;

/**
 * Takes the message out of those that are expected: as it is, or without fields put before its own (Return-Path,
 * Received) or behind them. False: it is none of them.
 * @param {Map<string, number>} expected how often each essence is to come
 * @param {string} text
 */
function takeFrom(expected, text) {
  for (let end = text; ; end = end.replace(cyrusFields, "")) {
    let rest = end;
    for (let fields = 0; fields < 8; fields++) {
      const left = expected.get(essence(rest)) ?? 0;
      if (left > 0) return expected.set(essence(rest), left - 1) !== undefined;
      rest = rest.replace(/^.*(\r?\n[ \t].*)*\r?\n/, "");
    }
    if (!cyrusFields.test(end)) return false;
  }
}

/** RETR one by one over a bare socket: what the client must give, octet by octet. @param {number} port @param {readonly number[]} numbers @param {boolean} utf8 */
async function bareRetr(port, numbers, utf8) {
  const socket = connectTcp(port, "127.0.0.1");
  let text = "";
  let wake = () => {};
  let closed = false;
  for (const end of ["close", "error"]) {
    socket.on(end, () => {
      closed = true;
      wake();
    });
  }
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    wake();
  });
  /** @param {string} end */
  const until = async (end) => {
    let at = text.indexOf(end);
    while (at < 0) {
      if (closed) throw new Error("the server closed the bare socket");
      await new Promise((resolve) => {
        wake = () => resolve(undefined);
      });
      at = text.indexOf(end);
    }
    const reply = text.slice(0, at + end.length);
    text = text.slice(at + end.length);
    return reply;
  };
  await until("\r\n");
  for (const line of [...(utf8 ? ["UTF8"] : []), "USER alice", "PASS secret"]) {
    socket.write(`${line}\r\n`);
    const status = await until("\r\n");
    if (!status.startsWith("+OK")) throw new Error(`${line}: ${status}`);
  }
  /** @type {Map<number, string>} */
  const messages = new Map();
  for (const number of numbers) {
    socket.write(`RETR ${number}\r\n`);
    await until("\r\n");
    const body = text.startsWith(".\r\n") ? await until(".\r\n") : await until("\r\n.\r\n");
    messages.set(number, body.slice(0, -3).replace(/(^|\r\n)\./g, "$1"));
  }
  socket.write("QUIT\r\n");
  await until("\r\n");
  socket.destroy();
  return messages;
}

/** @param {AsyncIterable<Uint8Array>} content */
async function textOf(content) {
  const chunks = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}

/** @param {Server} server */
async function test(server) {
  const { connect } = await import(join(root, "packages/pop3/dist/index.js"));
  const { freePort, makeCertificate, sampleMail } = await import(
    join(root, "packages/testkit/dist/index.js")
  );
  const folder = mkdtempSync(join(tmpdir(), "mailonce-interop-"));
  const certificate = makeCertificate();
  const port = await freePort();
  // mbox has no way to hold these, and the servers differ in what they make of them.
  const mails = sampleMail(300, 7, { largeAttachment: 1024 * 1024 })
    .map((/** @type {Uint8Array} */ mail) => Buffer.from(mail).toString("latin1").replace(/\r\n/g, "\n"))
    .filter((/** @type {string} */ mail) => !/^From |\0|\r/m.test(mail));
  const mbox = mails.map(
    (/** @type {string} */ mail) => `${separator}${mail}${mail.endsWith("\n") ? "" : "\n"}\n`,
  );
  writeFileSync(join(folder, "mbox"), mbox.join(""), "latin1");
  mails.forEach((/** @type {string} */ mail, /** @type {number} */ index) => {
    writeFileSync(join(folder, `${1700000000 + index}.M1P${index}.host:2,.eml`), mail, "latin1");
  });
  writeFileSync(join(folder, "tls.pem"), `${certificate.key}${certificate.certificate}`);
  chmodSync(join(folder, "tls.pem"), 0o644);
  chmodSync(folder, 0o777);
  const guest = ["--mount", "--pid", "--fork", "--kill-child", "sh", join(root, "scripts/interop/guest.sh")];
  const [program = "", ...parameters] = [
    ...asRoot,
    "unshare",
    ...guest,
    server.name,
    unpack(server),
    folder,
    `${port}`,
  ];
  const child = spawn(program, parameters, { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log += chunk));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  /** @type {string[]} */
  const faults = [];
  /** @type {string[]} */
  const notes = [];
  /** @param {boolean} holds @param {string} fault */
  const expect = (holds, fault) => {
    if (!holds) faults.push(fault);
  };
  try {
    const deadline = Date.now() + 120_000;
    while (!existsSync(join(folder, "ready"))) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`did not start:\n${log}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    /** @type {any} */
    const plain = { host: "127.0.0.1", port, security: "plain" };
    const secured = { host: "localhost", port, security: "stls", tls: { ca: certificate.ca } };
    const credentials = { user: "alice", password: "secret" };
    const usual = server.apopFails === true ? { mechanisms: ["USER"] } : {};
    /** @param {any} options @param {any} [login] @returns {Promise<any>} */
    const loggedIn = async (options, login = {}) => {
      const deadline = Date.now() + 10_000;
      for (;;) {
        try {
          const client = await connect(options);
          await client.login(credentials, login);
          return client;
        } catch (error) {
          // The port opens shortly after the mark, and some servers need a moment to let a maildrop go.
          const code = /** @type {any} */ (error).code;
          const advice = /** @type {any} */ (error).advice;
          if (Date.now() > deadline || (code !== "POP3_CONNECT_FAILED" && advice !== "later")) throw error;
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      }
    };
    // Servers that write into the mbox do so at the end of the first session.
    const first = await loggedIn(plain, usual);
    notes.push(`CAPA ${first.capabilities?.tags.join(",") ?? "none"}`);
    const numbers = [];
    for await (const { messageNumber } of first.list()) numbers.push(messageNumber);
    await first.quit();
    // Twice: some servers write into the messages at the end of the session that has first read them.
    await bareRetr(port, numbers, first.utf8);
    const reference = await bareRetr(port, numbers, first.utf8);

    const stored = (server.stores ?? ((same) => same))(mails);
    for (const options of [
      plain,
      { ...plain, pipelining: true },
      ...(server.stls === true ? [secured] : []),
    ]) {
      const client = await loggedIn(options, usual);
      const what = `${options.security}${options.pipelining === true ? ", pipelined" : ""} by ${client.mechanism}`;
      const requests = [];
      for await (const { messageNumber, octets } of client.list())
        requests.push({ messageNumber, listedOctets: octets });
      const { count } = await client.stat();
      expect(
        requests.length === count && count === stored.length,
        `${what}: ${requests.length} listed, STAT ${count}, ${stored.length} delivered`,
      );
      let uniqueIds = 0;
      for await (const _ of client.uidl()) uniqueIds++;
      expect(uniqueIds === count, `${what}: ${uniqueIds} unique-ids`);
      /** @type {Map<string, number>} */
      const expected = new Map();
      for (const mail of stored) expected.set(essence(mail), (expected.get(essence(mail)) ?? 0) + 1);
      let differing = 0;
      let foreign = 0;
      let short = 0;
      let octetsDiffer = 0;
      for await (const reply of client.retrMany(requests)) {
        if (reply.kind === "refused") throw reply.error;
        const text = await textOf(reply.content);
        const bare = reference.get(reply.messageNumber) ?? "";
        if (server.rewrites === true ? essence(bare) !== essence(text) : bare !== text) differing++;
        if (!takeFrom(expected, text)) foreign++;
        if (reply.content.suspect) short++;
        if (text.length !== reply.listedOctets) octetsDiffer++;
      }
      expect(differing === 0, `${what}: ${differing} messages differ from what a bare socket gets`);
      expect(foreign === 0, `${what}: ${foreign} messages are not those delivered`);
      const missing = stored.filter((mail) => (expected.get(essence(mail)) ?? 0) > 0);
      expect(
        missing.length === 0,
        `${what}: missing ${JSON.stringify(missing.map((mail) => mail.slice(0, 400)))}`,
      );
      let headers = 0;
      for await (const reply of client.topMany(requests.map(({ messageNumber }) => messageNumber))) {
        if (
          reply.kind === "header" &&
          (reference.get(reply.messageNumber) ?? "").startsWith(
            Buffer.from(reply.header).toString("latin1").replace(/\r\n$/, ""),
          )
        )
          headers++;
      }
      expect(server.rewrites === true || headers === count, `${what}: ${headers} headers fit`);
      await client.retr(99_999).then(
        () => expect(false, "RETR 99999 was accepted"),
        (/** @type {any} */ error) => expect(error.sessionUsable, `${what}: RETR 99999 ended the session`),
      );
      if (client.usable) await client.quit();
      notes.push(`${what}: ${count} messages, LIST differs in ${octetsDiffer}, short ${short}`);
    }
    for (const mechanism of server.mechanisms ?? []) {
      const client = await loggedIn(server.stls === true ? secured : plain, {
        mechanisms: [mechanism],
      }).catch((error) => error);
      if (client instanceof Error) notes.push(`${mechanism}: ${client.message}`);
      else {
        notes.push(`${mechanism}: taken`);
        await client.quit();
      }
    }
  } catch (error) {
    faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    if (asRoot.length === 0) child.kill("SIGKILL");
    else spawnSync("sudo", ["-n", "kill", "-9", `${child.pid}`]);
    await ended;
    rmSync(folder, { recursive: true, force: true });
    await certificate[Symbol.asyncDispose]();
  }
  console.log(`${server.name}: ${faults.length === 0 ? "passed" : "FAILED"}`);
  for (const line of [...notes, ...faults]) console.log(`  ${line}`);
  if (faults.length > 0) console.log(log.slice(-2000));
  return faults.length === 0;
}

if (process.env["SKIP_SETUP"] === undefined) installPackages();
ensureDebianPackages(["openssl"]);
if (process.env["SKIP_SETUP"] === undefined) build();
let passed = 0;
let failed = 0;
for (const server of servers) {
  if (wanted.length > 0 && !wanted.includes(server.name)) continue;
  if (await test(server)) passed++;
  else failed++;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
