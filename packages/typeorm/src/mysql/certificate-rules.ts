import { codes, type ErrorFacts, type Rule } from "../database/store-errors.ts";
import { ServerRefusalError } from "../server/server-refusal-error.ts";

/** Where mysql2 put its own code in the place of TLS's, only the words are left: OpenSSL's and Node's, which are fixed. */
const inHandshake =
  (words: RegExp) =>
  (facts: ErrorFacts): boolean =>
    codes("HANDSHAKE_SSL_ERROR")(facts) && words.test(facts.message);

const untrusted = (sentence: string) => (place: string, cause: Error) =>
  new ServerRefusalError("store-untrusted", `${place} ${sentence}`, { cause });

/** How a server fails that is to prove who it is. Nothing was sent to it but the wish for TLS. */
export const CERTIFICATE_RULES: readonly Rule[] = [
  {
    matches: codes("HANDSHAKE_NO_SSL_SUPPORT"),
    make: untrusted(
      "offers no TLS, and the database's URL asks for it: nothing was sent. Set TLS up on the server, or leave tls= out where nobody can listen on the way.",
    ),
  },
  {
    matches: inHandshake(/does not match certificate's altnames|Cert does not contain a DNS name/i),
    make: (place, cause, { message }) => {
      const names = namesIn(message);
      const whom = names === "" ? "another host" : `another host (${names})`;
      return untrusted(
        `shows a certificate that was made for ${whom}: check the host in the URL; where the authority in ca=FILE signs for this server alone, tls=verify-ca will do.`,
      )(place, cause);
    },
  },
  {
    matches: inHandshake(/certificate has expired/i),
    make: untrusted(
      "shows a certificate that has expired: check this machine's clock; if it is right, whoever runs the server must renew it.",
    ),
  },
  {
    matches: inHandshake(/not yet valid/i),
    make: untrusted(
      "shows a certificate that is not valid yet: check this machine's clock, and the server's.",
    ),
  },
  {
    matches: inHandshake(/self[- ]signed|unable to (?:get|verify)/i),
    make: untrusted(
      "shows a certificate from an authority that is not trusted here: if it is the right server, name its authority with ca=FILE in the URL.",
    ),
  },
  {
    matches: inHandshake(/certificate|too (?:small|weak)|CA signature|\bCRL\b/i),
    make: untrusted("shows a certificate that is not trusted: whoever runs the server must give it another."),
  },
  {
    // After its own part of the handshake (TLS 1.3) or in it: the server does not like the client's certificate.
    matches: ({ code, message }) =>
      /^ERR_SSL_.*ALERT.*(?:CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/.test(code) ||
      /alert (?:number \d+|bad certificate|unknown ca|certificate (?:unknown|required|expired|revoked))/i.test(
        message,
      ),
    make: untrusted(
      "refuses the client's certificate (cert= in the URL): its authority must be one that the server trusts.",
    ),
  },
  {
    matches: ({ code }) => code === "HANDSHAKE_SSL_ERROR" || code.startsWith("ERR_SSL_"),
    make: untrusted("and this machine do not agree on TLS: the server may speak old versions of it only."),
  },
];

/** For whom the certificate was made, as Node words it; only what can be a name. */
function namesIn(message: string): string {
  const [, list = ""] = /cert's (?:altnames|list|CN): (.*)$/s.exec(message) ?? [];
  const names = list.split(/,\s*/).map((name) => name.replace(/^(?:DNS|IP Address):/, ""));
  return names
    .filter((name) => /^[\w.*:-]{1,40}$/.test(name))
    .slice(0, 2)
    .join(", ");
}
