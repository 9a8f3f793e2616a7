// Maildirs with deterministic mail, made once and kept for later runs.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "./cache.mjs";

/**
 * What is in a maildir.
 * @typedef {{ readonly messages: number, readonly octets: number, readonly sha256: string }} MaildirContents
 */

/** The folder that holds the maildirs; each is named by its user. */
export function maildirsFolder() {
  const digest = createHash("sha256")
    .update(readFileSync(join(import.meta.dirname, "mail.mjs")))
    .update(readFileSync(import.meta.filename))
    .digest("hex");
  const folder = join(cacheFolder(), `maildirs-${digest.slice(0, 12)}`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return folder;
}

/**
 * Makes the maildir of a user unless it is there. Its messages are as Dovecot's own delivery leaves them: bare line
 * feeds, sizes in the name; and marked as seen, so that reading them changes nothing on disk.
 * @param {string} user
 * @param {() => Iterable<Buffer>} messages
 * @returns {MaildirContents}
 */
export function ensureMaildir(user, messages) {
  const folder = join(maildirsFolder(), user);
  const contentsFile = join(maildirsFolder(), `${user}.json`);
  if (existsSync(contentsFile)) return JSON.parse(readFileSync(contentsFile, "utf8"));
  rmSync(folder, { recursive: true, force: true });
  const owner = mailOwner();
  const made = `${folder}.${process.pid}`;
  for (const part of ["", "cur", "new", "tmp"]) {
    mkdirSync(join(made, part), { recursive: true });
    chownSync(join(made, part), owner.uid, owner.gid);
  }
  let count = 0;
  let octets = 0;
  const hash = createHash("sha256");
  for (const message of messages()) {
    count += 1;
    octets += message.length;
    hash.update(message);
    const stored = withoutCarriageReturns(message);
    const sizes = `S=${stored.length},W=${message.length}`;
    const file = join(made, "cur", `1700000000.M${String(count).padStart(9, "0")}P1.bench,${sizes}:2,S`);
    writeFileSync(file, stored);
    chownSync(file, owner.uid, owner.gid);
  }
  renameSync(made, folder);
  const contents = { messages: count, octets, sha256: hash.digest("hex") };
  writeFileSync(contentsFile, JSON.stringify(contents));
  return contents;
}

/** @param {Buffer} message */
function withoutCarriageReturns(message) {
  const stored = Buffer.allocUnsafe(message.length);
  let filled = 0;
  for (let from = 0; from < message.length; ) {
    const end = message.indexOf("\r\n", from, "latin1");
    const to = end < 0 ? message.length : end;
    filled += message.copy(stored, filled, from, to);
    from = end < 0 ? to : to + 1;
  }
  return stored.subarray(0, filled);
}

/**
 * Gives a user the mail of another, as delivered and listed once, but never read: what a first fetch meets. The server
 * then marks each message as seen, which is part of anybody's first fetch. To be called before every sample.
 * @param {string} user who has the mail afterwards
 * @param {string} source whose maildir it is
 * @param {() => Promise<unknown>} list lists the maildrop of `user`, so that the server's index is there
 */
export async function restoreUnread(user, source, list) {
  const folder = join(maildirsFolder(), user);
  const delivered = `${folder}.delivered`;
  if (!existsSync(delivered)) {
    rmSync(folder, { recursive: true, force: true });
    copyMaildir(join(maildirsFolder(), source), folder);
    for (const name of readdirSync(join(folder, "cur")))
      renameSync(join(folder, "cur", name), join(folder, "cur", name.replace(/:2,.*$/, ":2,")));
    for (const name of readdirSync(folder)) if (name.startsWith("dovecot")) rmSync(join(folder, name));
    await list();
    copyMaildir(folder, `${delivered}.${process.pid}`);
    renameSync(`${delivered}.${process.pid}`, delivered);
  }
  rmSync(folder, { recursive: true, force: true });
  copyMaildir(delivered, folder);
}

/**
 * Messages as hard links, since nobody writes into them; the server's own files as copies.
 * @param {string} from @param {string} to
 */
function copyMaildir(from, to) {
  execFileSync("cp", ["-al", from, to]);
  for (const name of readdirSync(from)) {
    if (!name.startsWith("dovecot")) continue;
    rmSync(join(to, name));
    execFileSync("cp", ["-a", join(from, name), join(to, name)]);
  }
}

/** Dovecot refuses to serve root's mail: 65534 is nobody, as in the testkit. */
function mailOwner() {
  const { uid, gid } = userInfo();
  return uid === 0 ? { uid: 65534, gid: 65534 } : { uid, gid };
}
