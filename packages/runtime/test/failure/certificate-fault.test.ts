import { TlsUntrustedError } from "@mailonce/pop3";
import { expect, it } from "vitest";
import { failureOf } from "../../src/failure/failure.ts";
import { readFingerprint, shownFingerprint } from "../../src/text/fingerprint.ts";

const sha256 = Buffer.alloc(32, 0xab).toString("base64");
const certificate = {
  sha256,
  publicKeySha256: Buffer.alloc(32, 0xcd).toString("base64"),
  validFrom: new Date("2030-01-02T03:04:05Z"),
  validTo: new Date("2020-02-03T04:05:06Z"),
};

const messageOf = (code: string, said = "", names: readonly string[] = []): string => {
  const cause = Object.assign(new Error(said), { code });
  const server = { host: "mail.example.org", port: 995 };
  return failureOf(new TlsUntrustedError("h", cause, names, certificate), server).message;
};

it.each<[code: string, said: string, right: RegExp, wrong: RegExp]>([
  ["CERT_HAS_EXPIRED", "", /has expired on 2020-02-03: check this machine's clock/, /host name|--ca/],
  ["CERT_NOT_YET_VALID", "", /not valid yet, but from 2030-01-02 on: check this machine's clock/, /--ca/],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "", /another host name: check the host name in the URL/, /clock|--ca/],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "", /is self-signed: .*SHA256:AB:AB:.*--ca FILE.*--pin/, /clock|host name/],
  ["SELF_SIGNED_CERT_IN_CHAIN", "", /authority that is not trusted here: .*--ca FILE.*--pin/, /clock/],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "", /comes without the certificates .*--ca FILE.*--pin/, /clock/],
  ["CERT_REVOKED", "", /revoked it: .*neither by --ca FILE nor by --pin.*tell who runs/, /SHA256/],
  ["UNSPECIFIED", "EE certificate key too weak", /too weak: .*\?ciphers=DEFAULT@SECLEVEL=0/, /--ca|--pin/],
  ["UNSPECIFIED", "CA signature digest algorithm too weak", /signature that is too weak/, /--ca|--pin/],
  ["INVALID_PURPOSE", "", /was not made for a server: tell who runs/, /--ca/],
  ["CERT_SIGNATURE_FAILURE", "", /not its issuer's: /, /clock/],
])("%s %s is told with advice of its own", (code, said, right, wrong) => {
  expect(messageOf(code, said)).toMatch(right);
  expect(messageOf(code, said)).not.toMatch(wrong);
});

it("both fingerprints are told, in the forms that options and accounts file take", () => {
  const message = messageOf("DEPTH_ZERO_SELF_SIGNED_CERT");
  for (const part of [shownFingerprint(sha256), sha256, certificate.publicKeySha256])
    expect(message).toContain(part);
  const hex = readFingerprint(shownFingerprint(sha256)).replaceAll(":", "");
  expect(Buffer.from(hex, "hex").toString("base64")).toBe(readFingerprint(sha256));
});
