import { InvalidArgumentError } from "../errors/usage.ts";
import type { LoginOptions } from "../login/login.ts";
import type { RetrOptions, RetrRequest } from "../messages/many.ts";
import type { WindowOptions } from "../messages/window.ts";
import type { Limits } from "../protocol/limits.ts";
import { mechanisms } from "../sasl/choice.ts";
import type { ClientCertificate, Pop3Options, Timeouts, TlsOptions } from "./options.ts";

/** What may be given for one option. */
interface Rule {
  readonly allowed: string;
  readonly fits: (value: unknown) => boolean;
  /** Its value is never shown. */
  readonly secret?: true;
}

type Rules<Options> = { readonly [Name in keyof Options]-?: Rule };

const isOneOf = (...values: readonly unknown[]): Rule => ({
  allowed: values.map((value) => JSON.stringify(value)).join(", "),
  fits: (value) => values.includes(value),
});
const truth = isOneOf(true, false);
const text: Rule = {
  allowed: "a text that is not empty",
  fits: (value) => typeof value === "string" && value !== "",
};
const secret: Rule = { ...text, secret: true };
const number = (least: number, unit: string): Rule => ({
  allowed: `a number ${least === 0 ? "from 0 on" : "above 0"}, in ${unit}, or Infinity`,
  fits: (value) => typeof value === "number" && (least === 0 ? value >= 0 : value > 0),
});
const count = (unit: string): Rule => ({
  allowed: `a number of ${unit} from 1 on, or Infinity`,
  fits: (value) => typeof value === "number" && value >= 1,
});
const ms = number(1, "ms");
const octets = count("octets");
const lambda: Rule = { allowed: "a function", fits: (value) => typeof value === "function" };
const object = (what: string): Rule => ({ allowed: what, fits: isObject });
const listOf = (what: string, fits: (value: unknown) => boolean): Rule => ({
  allowed: what,
  fits: (value) => (Array.isArray(value) ? value.length > 0 && value.every(fits) : fits(value)),
});
const isText = (value: unknown): boolean => typeof value === "string";
const versions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;

const optionRules: Rules<Pop3Options> = {
  host: {
    allowed: "a host name or an address",
    fits: (value) => typeof value === "string" && /^[^\s/@]+$/.test(value),
  },
  port: {
    allowed: "a whole number from 1 to 65535",
    fits: (value) => typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65_535,
  },
  security: isOneOf("tls", "stls", "plain"),
  tls: object("an object with TLS settings"),
  timeouts: object("an object with times in ms"),
  limits: object("an object with limits"),
  utf8: truth,
  knownCapabilities: {
    allowed: "Capabilities, such as a client's `offered`",
    fits: (value) => isObject(value) && typeof Reflect.get(value, "has") === "function",
  },
  pipelining: truth,
  signal: {
    allowed: "an AbortSignal",
    fits: (value) => isObject(value) && typeof Reflect.get(value, "addEventListener") === "function",
  },
  onWire: lambda,
  dial: lambda,
};

const tlsRules: Rules<TlsOptions> = {
  ca: listOf(
    "a certificate in PEM, or a list of such",
    (value) => value instanceof Uint8Array || (typeof value === "string" && value.includes("-----BEGIN")),
  ),
  servername: text,
  minVersion: isOneOf(...versions),
  ciphers: text,
  clientCertificate: object("an object with certificate and key"),
  trustedCertificates: listOf("a list of SHA-256 digests", isText),
  pinnedCertificates: listOf("a list of SHA-256 digests", isText),
  pinnedPublicKeys: listOf("a list of SHA-256 digests", isText),
};

const clientCertificateRules: Rules<ClientCertificate> = {
  certificate: text,
  key: secret,
  passphrase: secret,
};

const timeoutRules: Rules<Timeouts> = {
  connectMs: ms,
  silenceMs: ms,
  preLoginMs: ms,
  replyMs: ms,
  idleMs: ms,
  rateMs: ms,
  listingMs: ms,
};

const limitRules: Rules<Limits> = {
  statusLineOctets: octets,
  challengeOctets: octets,
  scramIterations: count("iterations"),
  capabilityOctets: octets,
  listingOctets: octets,
  listingLineOctets: octets,
  listingLines: count("lines"),
  messageOctets: octets,
  headerOctets: octets,
  topOctets: octets,
  leastRate: number(0, "octets a second"),
  bufferedOctets: octets,
};

const windowRules: Rules<WindowOptions> = {
  pipelining: truth,
  windowOctets: octets,
  windowCommands: count("commands"),
};

const loginRules: Rules<LoginOptions> = {
  mechanisms: {
    allowed: `a list of ${mechanisms.join(", ")}`,
    fits: (value) => Array.isArray(value) && value.every((one) => mechanisms.includes(one)),
  },
  requireChannelBinding: truth,
  initialResponse: truth,
  awaitCapabilities: truth,
};

const requestRules: Rules<RetrRequest> = {
  messageNumber: {
    allowed: "a message number",
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  },
  listedOctets: {
    allowed: "a whole number of octets",
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  },
  mostOctets: octets,
};

/** Throws InvalidArgumentError, which names the option, what was given and what is allowed. */
export function checkOptions(options: Pop3Options): void {
  check("connect", "options", options, optionRules, ["host", "security"]);
  refuseToTrustAnybody("", options);
  const { tls, timeouts, limits } = options;
  if (tls !== undefined) {
    refuseToTrustAnybody("tls.", tls);
    check("connect", "tls", tls, tlsRules);
    if (tls.clientCertificate !== undefined)
      check("connect", "tls.clientCertificate", tls.clientCertificate, clientCertificateRules, [
        "certificate",
        "key",
      ]);
  }
  if (timeouts !== undefined) check("connect", "timeouts", timeouts, timeoutRules);
  if (limits !== undefined) check("connect", "limits", limits, limitRules);
}

/** The same for `login`. */
export function checkLoginOptions(options: LoginOptions): void {
  check("login", "options", options, loginRules);
}

/** The same for a call that keeps several commands in flight. */
export function checkWindow(options: WindowOptions): void {
  check("retrieval", "options", options, windowRules);
}

/** The same for one message of `retrieve`, of which there may be thousands. */
export function checkRequest(request: RetrRequest): void {
  const { messageNumber, listedOctets, mostOctets } = request;
  const fits =
    Number.isSafeInteger(messageNumber) &&
    (listedOctets === undefined || Number.isSafeInteger(listedOctets)) &&
    (mostOctets === undefined || typeof mostOctets === "number");
  if (!fits || messageNumber < 1 || (listedOctets ?? 0) < 0 || !((mostOctets ?? 1) >= 1))
    check("retrieve", "request", request, requestRules, ["messageNumber"]);
}

/** The same for `retr` and `top`. */
export function checkMostOctets(options: RetrOptions): void {
  check("retrieval", "options", options, { mostOctets: requestRules.mostOctets });
}

/** The same for what many messages are asked for by. */
export function checkRequests(requests: unknown): void {
  const fits = isObject(requests) || Array.isArray(requests);
  if (!fits || !(Symbol.iterator in requests || Symbol.asyncIterator in requests))
    throw wrong("retrieval", "requests", shown(requests), "something to iterate over");
}

function check(
  call: string,
  what: string,
  given: object,
  rules: Readonly<Record<string, Rule>>,
  required: readonly string[] = [],
): void {
  if (!isObject(given)) throw wrong(call, what, shown(given), "an object");
  const prefix = what === "options" || what === "request" ? "" : `${what}.`;
  for (const [name, value] of Object.entries(given)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    // Not given, as good as.
    if (value === undefined || (rule === undefined && isVerification(name))) continue;
    if (rule === undefined)
      throw new InvalidArgumentError(
        `${call}: there is no option ${prefix}${name.slice(0, 60)}; there are ${Object.keys(rules).join(", ")}`,
      );
    if (!rule.fits(value))
      throw wrong(call, prefix + name, rule.secret === true ? typeof value : shown(value), rule.allowed);
  }
  for (const name of required)
    if (Reflect.get(given, name) === undefined)
      throw wrong(call, prefix + name, "nothing", rules[name]?.allowed ?? "");
}

function wrong(call: string, name: string, given: string, allowed: string): InvalidArgumentError {
  return new InvalidArgumentError(`${call}: ${name} was given as ${given}; allowed is ${allowed}`);
}

/** Node's name for it: who comes from there finds that it has no effect by being told. */
function isVerification(name: string): boolean {
  return name === "rejectUnauthorized";
}

function refuseToTrustAnybody(prefix: string, options: object): void {
  const given: unknown = Reflect.get(options, "rejectUnauthorized");
  if (given === undefined || given === true) return;
  throw new InvalidArgumentError(
    `connect: ${prefix}rejectUnauthorized was given as ${shown(given)}, but the server's certificate is always verified. ` +
      "Trust a private one with tls.ca (its certificate, or that of its authority, in PEM) or tls.trustedCertificates " +
      "(its SHA-256); tls.pinnedCertificates and tls.pinnedPublicKeys say which one it has to be",
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
