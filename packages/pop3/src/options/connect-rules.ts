import { InvalidArgumentError } from "../errors/usage.ts";
import type { Limits } from "../protocol/limits.ts";
import type { ClientCertificate, Pop3Options, Timeouts, TlsOptions } from "./connect-options.ts";
import { check, isObject, type Rules, rule, shown } from "./rules.ts";

const ms = rule.number(1, "ms");
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
  security: rule.oneOf("tls", "stls", "plain"),
  tls: rule.object("an object with TLS settings"),
  timeouts: rule.object("an object with times in ms"),
  limits: rule.object("an object with limits"),
  utf8: rule.truth,
  knownCapabilities: {
    allowed: "Capabilities, such as a client's `offered`",
    fits: (value) => isObject(value) && typeof Reflect.get(value, "has") === "function",
  },
  pipelining: rule.truth,
  signal: {
    allowed: "an AbortSignal",
    fits: (value) => isObject(value) && typeof Reflect.get(value, "addEventListener") === "function",
  },
  onWire: rule.lambda,
  dial: rule.lambda,
};

const tlsRules: Rules<TlsOptions> = {
  ca: rule.listOf(
    "a certificate in PEM, or a list of such",
    (value) => value instanceof Uint8Array || (typeof value === "string" && value.includes("-----BEGIN")),
  ),
  servername: rule.text,
  minVersion: rule.oneOf(...versions),
  ciphers: rule.text,
  clientCertificate: rule.object("an object with certificate and key"),
  trustedCertificates: rule.listOf("a list of SHA-256 digests", isText),
  pinnedCertificates: rule.listOf("a list of SHA-256 digests", isText),
  pinnedPublicKeys: rule.listOf("a list of SHA-256 digests", isText),
};

const clientCertificateRules: Rules<ClientCertificate> = {
  certificate: rule.text,
  key: rule.secret,
  passphrase: rule.secret,
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
  statusLineOctets: rule.octets,
  challengeOctets: rule.octets,
  scramIterations: rule.count("iterations"),
  capabilityOctets: rule.octets,
  listingOctets: rule.octets,
  listingLineOctets: rule.octets,
  listingLines: rule.count("lines"),
  messageOctets: rule.octets,
  headerOctets: rule.octets,
  topOctets: rule.octets,
  leastRate: rule.number(0, "octets a second"),
  bufferedOctets: rule.octets,
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

function refuseToTrustAnybody(prefix: string, options: object): void {
  const given: unknown = Reflect.get(options, "rejectUnauthorized");
  if (given === undefined || given === true) return;
  throw new InvalidArgumentError(
    `connect: ${prefix}rejectUnauthorized was given as ${shown(given)}, but the server's certificate is always verified. ` +
      "Trust a private one with tls.ca (its certificate, or that of its authority, in PEM) or tls.trustedCertificates " +
      "(its SHA-256); tls.pinnedCertificates and tls.pinnedPublicKeys say which one it has to be",
  );
}
