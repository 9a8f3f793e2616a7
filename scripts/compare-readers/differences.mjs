// What two readers read differently of one message, and why.

/**
 * A part as a reader tells it; what a reader does not tell is null.
 * @typedef {{ readonly number: string | null, readonly type: string, readonly name: string | null,
 *   readonly sha256: string | null, readonly bare: string | null, readonly octets: number, readonly use?: string,
 *   readonly fileIndex?: number, readonly disposition?: string | null }} Part
 * What a reader tells of a message.
 * @typedef {{ readonly parts: readonly Part[], readonly hasText: boolean, readonly addresses: readonly string[] | null,
 *   readonly faults: readonly string[], readonly text: string }} Facts
 * @typedef {{ readonly what: string, readonly why: string, readonly detail: string }} Difference
 */

export const UNEXPLAINED = "not explained";

/** Reasons that a message's faults tell, for any difference. @type {readonly (readonly [RegExp, string])[]} */
const FAULTS = [
  [/attached message is encoded/, "an attached message that is encoded is decoded and taken apart"],
  [
    /does not name the boundary/,
    "parts are told by their lines where their multipart names another boundary or none",
  ],
  [/multipart is encoded/, "a multipart that is encoded is decoded"],
  [/parts of a multipart cannot be told/, "a multipart without parts is shown as it stands"],
  [
    /empty line between header and text/,
    "the empty line after a header is missing, and is told from what follows",
  ],
  [/header is missing/, "the header is missing, and all is text"],
  [/line in the header is no header field/, "a line in a header is passed over where fields follow"],
  [/parts stand after the end/, "parts after the end of a multipart are read"],
  [/said to be base64 and is not/, "what is said to be base64 and is not is left as it stands"],
  [/no base64 stand in a part/, "lines that are no base64 are left out, or kept after a text"],
];

/** @param {readonly string[]} faults @returns {string | null} */
function whyByFault(faults) {
  const all = faults.join("; ");
  return FAULTS.find(([fault]) => fault.test(all))?.[1] ?? null;
}

/**
 * @param {Facts} ours @param {Facts} theirs which has all parts and their numbers
 * @returns {Generator<Difference>}
 */
export function* partDifferences(ours, theirs) {
  const mine = ours.parts.filter(({ fileIndex }) => fileIndex === 0);
  const fault = whyByFault(ours.faults);
  const tree = (/** @type {readonly Part[]} */ parts) =>
    parts.map(({ number, type }) => `${number} ${type}`).join(", ");
  if (mine.map(({ number }) => number).join() !== theirs.parts.map(({ number }) => number).join()) {
    const isEmpty = mine.some(({ octets }) => octets === 0);
    const why =
      fault ??
      (isEmpty ? "two boundaries after each other have an empty part between them" : whyOfTree(ours));
    yield { what: "part numbers", why, detail: `${tree(mine)} / ${tree(theirs.parts)}` };
    return;
  }
  for (const [at, part] of mine.entries()) {
    const other = theirs.parts[at];
    if (other === undefined) return;
    const detail = `${part.number} ${part.type} ${part.name} ${part.octets} / ${other.type} ${other.name} ${other.octets}`;
    if (part.type !== other.type)
      yield {
        what: "type",
        why: /[\s"]/.test(other.type)
          ? "a type ends before what a semicolon should part from it"
          : (fault ?? UNEXPLAINED),
        detail,
      };
    if (part.name !== other.name)
      yield { what: "file name", why: whyOfName(part.name, other.name) ?? fault ?? UNEXPLAINED, detail };
    if (other.sha256 !== null && part.sha256 !== other.sha256)
      yield { what: "octets", why: whyOfOctets(part, other) ?? fault ?? UNEXPLAINED, detail };
  }
}

/** @param {Facts} ours */
function whyOfTree({ faults }) {
  return faults.some((fault) => fault.includes("no end"))
    ? "multiparts of one boundary within each other"
    : UNEXPLAINED;
}

/** @param {string | null} name @param {string | null} other */
function whyOfName(name, other) {
  if (other === null) return "a file name is read although its parameter is not as it should be";
  if (name !== null && /[/\\]/.test(other)) return "folders are no part of a file name";
  return name === other.replace(/\s+/g, " ") ? "white space in a file name is one blank" : null;
}

/** @param {Part} part @param {Part} other */
function whyOfOctets(part, other) {
  if (part.bare === other.bare) return "line ends and blanks at the end of a part or its lines";
  if (part.octets === 0) return "an empty part is empty, and what follows its multipart is none of it";
  if (other.octets > part.octets && Math.abs(other.octets * 0.74 - part.octets) < 0.03 * other.octets)
    return "the name of an encoding has blanks after it, and is understood";
  const isCut = part.octets < 10 && !part.type.startsWith("text/");
  return isCut ? "base64 of an incomplete length is decoded as far as it goes" : null;
}

/** @param {Facts} ours @param {Facts} theirs @returns {Generator<Difference>} */
export function* textDifferences(ours, theirs) {
  if (ours.hasText === theirs.hasText) return;
  const detail = `${ours.hasText} ${ours.text.slice(0, 60).replaceAll("\n", " ")}`;
  yield { what: `text ${ours.hasText ? "in ours alone" : "in theirs alone"}`, why: whyOfText(ours), detail };
}

/** @param {Facts} ours */
function whyOfText({ hasText, text, parts, faults }) {
  const types = parts.map(({ type }) => type).join();
  if (!hasText) {
    if (parts.some(({ use, type }) => use === "attachment" && type.startsWith("text/")))
      return "a text that is a file is none to read";
    return parts.some(({ type }) => type === "text/html")
      ? "HTML has nothing in it to read, or texts are blank"
      : (whyByFault(faults) ?? "texts are blank");
  }
  if (text.startsWith("[")) return "what is encrypted or in the format of Outlook alone has a note";
  if (text.includes("attached message")) return "an attached message is shown with its subject";
  const fault = whyByFault(faults);
  if (fault !== null) return fault;
  if (/message\/|text\/rfc822-headers|text\/calendar/.test(types))
    return "reports, headers and calendars are texts";
  if (parts.some(({ disposition }) => disposition === "attachment"))
    return "a text that says it is a file is shown where there is no other";
  return parts.length === 1
    ? "a text is read although its type is half a type or its header very long"
    : UNEXPLAINED;
}

/**
 * @param {Facts} ours @param {Facts} theirs which has files alone, without numbers
 * @param {Facts | null} third another reader
 * @returns {Generator<Difference>}
 */
export function* fileDifferences(ours, theirs, third) {
  const names = (/** @type {readonly Part[]} */ parts) => parts.flatMap(({ name }) => name ?? []).sort();
  const [mine, others] = [names(ours.parts), names(theirs.parts)];
  if (mine.join("|") !== others.join("|"))
    yield {
      what: "file names",
      why: whyOfFiles(ours, others),
      detail: `${mine.join("|")} / ${others.join("|")}`,
    };
  for (const { sha256, type, name, octets } of theirs.parts)
    if (!ours.parts.some((part) => part.sha256 === sha256))
      yield {
        what: "octets of a file",
        why: whyByFault(ours.faults) ?? (agree(ours, third, name) ? "as Python reads them" : UNEXPLAINED),
        detail: `${type} ${name} ${octets}`,
      };
}

/**
 * Whether the octets of the file of this name are the same to both.
 * @param {Facts} ours @param {Facts | null} third @param {string | null} name
 */
function agree(ours, third, name) {
  const of = (/** @type {Facts | null} */ facts) => facts?.parts.find((part) => part.name === name)?.sha256;
  return of(ours) !== undefined && of(ours) === of(third);
}

/** @param {Facts} ours @param {readonly string[]} others */
function whyOfFiles({ parts, faults }, others) {
  if (others.some((name) => /[/\\]/.test(name))) return "folders are no part of a file name";
  const more = parts.filter(({ name }) => name !== null && !others.includes(name));
  if (more.some(({ fileIndex }) => (fileIndex ?? 0) > 0)) return "uuencoded files in a text are files";
  if (more.every(({ type, use }) => use !== "attachment" || /^(?:text|message)\//.test(type)))
    return "a text or message that is shown has a name, too";
  const isWithin = (/** @type {Part} */ { number }) =>
    parts.some((one) => one.type.startsWith("message/") && number?.startsWith(`${one.number}.`));
  if (more.every(isWithin)) return "a file in an attached message is a file";
  return whyByFault(faults) ?? UNEXPLAINED;
}

/** @param {Facts} ours @param {Facts} theirs @returns {Generator<Difference>} */
export function* addressDifferences(ours, theirs) {
  const [mine, others] = [ours.addresses?.join(" | ") ?? "", theirs.addresses?.join(" | ") ?? ""];
  if (theirs.addresses === null || mine === others) return;
  const isDecoded = /[^\0-\x7f]/.test(mine + others);
  yield {
    what: "addresses",
    why: isDecoded
      ? "octets that are not ASCII are decoded"
      : "fields with a blank before the colon, or after a stray line, are read",
    detail: `${mine} / ${others}`,
  };
}
