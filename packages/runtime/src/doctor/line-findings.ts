import { certificateFault, type DoubtedCertificate } from "../failure/certificate-fault.ts";
import { shownFingerprint } from "../text/fingerprint.ts";
import type { DoctorFacts, TlsFacts } from "./facts.ts";
import { bad, type Finding, look, ok } from "./finding.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Automatic renewal comes a month before a certificate's end: with less time left, something is wrong with it. */
const SOON_DAYS = 14;

const OUTDATED = new Set(["SSLv3", "TLSv1", "TLSv1.1"]);

/** The way to the server: its name, the line, its certificate. */
export function lineFindings(facts: DoctorFacts, now: Date): Finding[] {
  return [...nameFindings(facts), ...encryptionFindings(facts), ...certificateFindings(facts, now)];
}

function nameFindings({ server, lookUp, failure }: DoctorFacts): Finding[] {
  const { host, proxy } = server;
  if (failure?.stage === "look-up") {
    const { message, kind } = failure.failure;
    return [bad("name", message, null, kind)];
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
  // The inspection accepts weaker keys than the connection by which the examination logs in.
  if (tls.distrust === null && failure?.failure.code === "certificate-untrusted")
    return [bad("certificate", failure.failure.message, null, failure.failure.kind)];
  if (tls.distrust !== null) {
    const { what, advice } = certificateFault(doubted(tls, tls.distrust));
    const renewed =
      tls.distrust === "PIN_MISMATCH"
        ? `if it was renewed on purpose, pin this: its public key is ${tls.publicKeyPin}, it is ${tls.certificatePin} (${shownFingerprint(tls.certificatePin)}); compare them with what who runs the server says`
        : advice;
    return [bad("certificate", `${whose}, ${what}; valid until ${until}`, renewed, "denied")];
  }
  if (tls.byFingerprint === true)
    return [
      ok(
        "certificate",
        `${whose}, is the one that is trusted by its fingerprint; it says valid until ${until}`,
      ),
    ];
  if (days < SOON_DAYS) {
    const advice = "whoever runs the server should renew it now; when it has expired, nothing is fetched";
    return [look("certificate", `${whose}, ends soon: ${until}`, advice)];
  }
  return [ok("certificate", `${whose}, is trusted and valid until ${until}`)];
}

function doubted(tls: TlsFacts, code: string): DoubtedCertificate {
  const { names, validFrom, certificatePin, publicKeyPin } = tls;
  // The finding says anyway until when it is valid.
  return { code, names, validFrom, validTo: null, sha256: certificatePin, publicKeySha256: publicKeyPin };
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
