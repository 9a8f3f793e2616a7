// Finds mail in folders: files that are a message, and mbox files.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const LARGEST = 20_000_000;
/** What no sample mail is called. */
const NO_MAIL =
  /\.(?:c|cc|cpp|h|hpp|go|py|pyc|pl|pm|t|rb|js|ts|java|sh|html?|css|png|jpe?g|gif|pdf|zip|gz|xz|po|pot|lua|md|rst|xml|json|yml|yaml|cmake|el|sql)$/i;
const FIELD =
  /^(?:from|to|subject|date|received|return-path|message-id|mime-version|content-type|delivered-to|x-[a-z-]+|cc|sender|reply-to|status|list-[a-z-]+|dkim-signature|content-transfer-encoding):/gim;

/**
 * The messages in these folders, each once, whatever their names are.
 * @param {readonly string[]} folders
 * @returns {Generator<{ readonly path: string, readonly octets: Buffer }>}
 */
export function* mailIn(folders) {
  const seen = new Set();
  for (const folder of folders)
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
      const path = join(folder, name);
      const { size, isFile } = factsOf(path);
      if (!isFile || size < 40 || size > LARGEST || NO_MAIL.test(name)) continue;
      const octets = readFileSync(path);
      for (const [at, message] of messagesIn(octets).entries()) {
        const key = message.toString("latin1");
        if (seen.has(key)) continue;
        seen.add(key);
        yield { path: at === 0 ? path : `${path}#${at + 1}`, octets: message };
      }
    }
}

/** @param {string} path */
function factsOf(path) {
  try {
    const facts = statSync(path);
    return { size: facts.size, isFile: facts.isFile() };
  } catch {
    return { size: 0, isFile: false };
  }
}

/**
 * The messages of an mbox file; a file that is one message is itself.
 * @param {Buffer} octets @returns {readonly Buffer[]}
 */
function messagesIn(octets) {
  if (octets.toString("latin1", 0, 5) !== "From ") return isMail(octets) ? [octets] : [];
  const text = octets.toString("latin1");
  const starts = [
    0,
    ...[...text.matchAll(/\r?\n\r?\n(?=From [^\n]{1,100}\d\d:\d\d)/g)].map(
      (one) => one.index + one[0].length,
    ),
  ];
  return starts
    .map((start, at) => octets.subarray(text.indexOf("\n", start) + 1, starts[at + 1] ?? octets.length))
    .filter(isMail);
}

/** Whether octets begin with a header that has three fields of mail at least. @param {Buffer} octets */
function isMail(octets) {
  const beginning = octets.toString("latin1", 0, 4000);
  const header = beginning.split(/\r?\n\r?\n/, 1)[0] ?? "";
  return /^[!-9;-~]+[ \t]*:/.test(header) && (header.match(FIELD)?.length ?? 0) >= 3;
}
