import { EXIT } from "../exit-code.ts";
import type { DoctorFacts, TlsFacts } from "./facts.ts";
import { bad, type Finding, look, ok } from "./finding.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Certificates that renew themselves do so a month before their end: with less there is something wrong. */
const SOON_DAYS = 14;

const OUTDATED = new Set(["SSLv3", "TLSv1", "TLSv1.1"]);

const DISTRUST: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "has expired",
  CERT_NOT_YET_VALID: "is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "was made for another host name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "comes from an authority that is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "comes from an authority that is not trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "comes without the certificates that lead to a trusted authority",
};

/** The way to the server: its name, the line, its certificate. */
export function lineFindings(facts: DoctorFacts, now: Date): Finding[] {
  return [...nameFindings(facts), ...encryptionFindings(facts), ...certificateFindings(facts, now)];
}

function nameFindings({ server, lookUp, failure }: DoctorFacts): Finding[] {
  const { host, proxy } = server;
  if (failure?.stage === "look-up") {
    const { message, exitCode } = failure.failure;
    return [bad("name", message, null, exitCode)];
  }
  if (proxy !== null) return [ok("name", `${host} is reached through ${proxy}, which looks the name up`)];
  if (lookUp === null) return [];
  const [first = "nothing", ...more] = lookUp.addresses;
  const others = more.length === 0 ? "" : `, and ${more.length} more`;
  return [ok("name", `${host} is ${first}${others} (looked up in ${Math.round(lookUp.ms)} ms)`)];
}

function encryptionFindings({ server, tls }: DoctorFacts): Finding[] {
  if (server.tls === "none") {
    if (isLoopback(server.host) && server.proxy === null) {
      return [ok("encryption", "the line is not encrypted, but it does not leave this machine")];
    }
    return [
      look(
        "encryption",
        "the line is not encrypted: whoever is on the way can read the mail, and perhaps the password",
        `use pop3s://, or pop3:// without ?tls=none, if ${server.host} can do that`,
      ),
    ];
  }
  if (tls === null) return [];
  if (OUTDATED.has(tls.protocol)) {
    return [
      look(
        "encryption",
        `the server speaks ${tls.protocol} (${tls.cipher}), which is out of date: whoever is on the way can break it, and read the mail and perhaps the password`,
        "tell who runs the server; a fetch takes it only where the account's tls field allows minVersion: TLSv1",
      ),
    ];
  }
  return [ok("encryption", `${tls.protocol}${server.tls === "stls" ? " by STLS" : ""} (${tls.cipher})`)];
}

function certificateFindings({ server, tls, failure }: DoctorFacts, now: Date): Finding[] {
  if (tls === null) return [];
  const days = Math.floor((tls.validTo.getTime() - now.getTime()) / DAY_MS);
  const until = `${date(tls.validTo)} (${days < 0 ? `${-days} days ago` : `${days} days left`})`;
  const whose = `the certificate of ${server.host}, issued by ${nameOf(tls.issuer)}`;
  const isPin = failure?.failure.code === "certificate-untrusted" && tls.distrust === null;
  if (isPin) {
    const advice = `if it was renewed on purpose, pin this: its public key is ${tls.publicKeyPin}, it is ${tls.certificatePin}`;
    return [bad("certificate", `${whose}, is not the one that is pinned`, advice, EXIT.noPermission)];
  }
  if (tls.distrust !== null) {
    const why = DISTRUST[tls.distrust] ?? `is not trusted (${tls.distrust})`;
    return [bad("certificate", `${whose}, ${why}; valid until ${until}`, adviceOf(tls), EXIT.noPermission)];
  }
  if (days < SOON_DAYS) {
    const advice = "whoever runs the server should renew it now; when it has expired, nothing is fetched";
    return [look("certificate", `${whose}, ends soon: ${until}`, advice)];
  }
  return [ok("certificate", `${whose}, is trusted and valid until ${until}`)];
}

function adviceOf({ distrust, names, certificatePin }: TlsFacts): string {
  switch (distrust) {
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID":
      return "check this machine's clock; if it is right, tell who runs the server";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `it was made for ${names.slice(0, 5).join(", ") || "no name at all"}: use such a name in the URL if it is the same server`;
    default:
      return `if it is the right server, trust its certificate or its authority with --ca FILE (the certificate's SHA-256 is ${certificatePin})`;
  }
}

/** The part of a distinguished name that people know. */
function nameOf(distinguished: string): string {
  const part = (key: string): string | undefined =>
    new RegExp(`(?:^|, )${key}=([^,]*)`).exec(distinguished)?.[1];
  return part("O") ?? part("CN") ?? (distinguished || "nobody");
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}

function date(when: Date): string {
  return Number.isNaN(when.getTime()) ? "an unreadable date" : when.toISOString().slice(0, 10);
}
