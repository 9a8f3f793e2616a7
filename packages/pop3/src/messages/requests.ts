import { check, isObject, type Rule, type Rules, rule, shown, wrong } from "../options/rules.ts";

/** How much of a message is read at most. */
export interface RetrOptions {
  /**
   * More octets of content end the session with LimitExceededError (`mostOctets`): some servers send without end. LIST
   * may say too little of an honest message, so leave room. Default `limits.messageOctets`.
   */
  readonly mostOctets?: number;
}

/** A message to retrieve. `listedOctets` (from LIST) bounds the window and makes a short reply suspect. */
export interface RetrRequest extends RetrOptions {
  readonly messageNumber: number;
  readonly listedOctets?: number;
}

/** Bounds of what is in flight. */
export interface WindowOptions {
  /** Several commands in flight. Default: whether the server lists PIPELINING. */
  readonly pipelining?: boolean;
  /** Octets in flight, by listed octets. One command is sent in any case. Default 32 MiB. */
  readonly windowOctets?: number;
  /** Commands in flight. Default 4096. */
  readonly windowCommands?: number;
}

/** Bounds of a block of `retrBlocks`. */
export interface BlockOptions {
  /** Messages of a block at most: what comes after the last full block is lost when the session breaks. Default 32. */
  readonly blockMessages?: number;
  /** A block ends with the message by which its listed octets come to so many. Default 384 KiB; 16 KiB where unknown. */
  readonly blockOctets?: number;
  /**
   * A message that is listed with more octets, or has more and is still arriving, is streamed; also one that would make its
   * block hold more than this and `blockOctets` together. Default 1 MiB.
   */
  readonly wholeOctets?: number;
}

/** How many octets a reply is taken to have for the window, where LIST does not say. */
export const usualOctets = { message: 16 * 1024, header: 4 * 1024, line: 64 };

const requestRules: Rules<RetrRequest> = {
  messageNumber: {
    allowed: "a message number",
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  },
  listedOctets: {
    allowed: "a whole number of octets",
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  },
  mostOctets: rule.octets,
};

const windowRules: Rules<WindowOptions> = {
  pipelining: rule.truth,
  windowOctets: rule.octets,
  windowCommands: rule.count("commands"),
};

const blockRules: Rules<WindowOptions & BlockOptions> = {
  ...windowRules,
  blockMessages: rule.count("messages"),
  blockOctets: rule.octets,
  wholeOctets: rule.octets,
};

/** The bounds of a block, those that were not given by their defaults. */
export function boundsOf(options: BlockOptions): Required<BlockOptions> {
  const { blockMessages = 32, blockOctets = 384 * 1024, wholeOctets = 1024 * 1024 } = options;
  return { blockMessages, blockOctets, wholeOctets };
}

/** Checks the options of `retr` and `top`. Throws InvalidArgumentError. */
export function checkRetrOptions(options: RetrOptions): void {
  check("retrieval", "options", options, { mostOctets: requestRules.mostOctets });
}

/** Checks one request for a message. Throws InvalidArgumentError. There may be thousands, so a good one takes a short way. */
export function checkRequest(request: RetrRequest): void {
  const { messageNumber, listedOctets, mostOctets } = request;
  const fits =
    Number.isSafeInteger(messageNumber) &&
    (listedOctets === undefined || Number.isSafeInteger(listedOctets)) &&
    (mostOctets === undefined || typeof mostOctets === "number");
  if (!fits || messageNumber < 1 || (listedOctets ?? 0) < 0 || !((mostOctets ?? 1) >= 1))
    check("retrieval", "request", request, requestRules, ["messageNumber"]);
}

/** Checks what `retrBlocks` was given. Throws InvalidArgumentError. */
export function checkBlocks(requests: unknown, options: WindowOptions & BlockOptions): void {
  checkMany(requests, options, blockRules);
}

/** Checks what a call for many messages was given. Throws InvalidArgumentError. */
export function checkMany(
  requests: unknown,
  options: WindowOptions,
  rules: Readonly<Record<string, Rule>> = windowRules,
): void {
  check("retrieval", "options", options, rules);
  const fits = isObject(requests) || Array.isArray(requests);
  if (!fits || !(Symbol.iterator in requests || Symbol.asyncIterator in requests))
    throw wrong("retrieval", "requests", shown(requests), "something to iterate over");
}
