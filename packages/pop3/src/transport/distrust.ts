import { codeOf } from "../errors/error.ts";

/** Whether a handshake failed because OpenSSL or Node does not trust the certificate. */
export function isDistrust(cause: unknown): boolean {
  return /^(?!ERR_)(?:\w+_)?(?:CERT|CRL|SIGNED|CHAIN|CA|ISSUER|PURPOSE|HOSTNAME|LEAF)(?:_|$)|^ERR_TLS_CERT_/.test(
    codeOf(cause) ?? "",
  );
}

/** The names that the certificate has, if the handshake failed because none of them is the right one; otherwise none. */
export function namesIn(cause: unknown): string[] {
  if (!(cause instanceof Error) || !("cert" in cause)) return [];
  const { subjectaltname, subject } = cause.cert as {
    readonly subjectaltname?: string;
    readonly subject?: { readonly CN?: string | readonly string[] };
  };
  const names = subjectaltname?.split(", ").map((name) => name.replace(/^[^:]*:/, ""));
  return (names ?? [subject?.CN ?? []].flat()).map((name) => name.slice(0, 255));
}
