import { createHash } from "node:crypto";

/** Last octets of the OIDs of signature algorithms, by their hash. */
const hashes: Readonly<Record<string, string>> = {
  // RSA: 1.2.840.113549.1.1.n; MD5 and SHA-1 count as SHA-256 (RFC 5929 section 4.1).
  "2a864886f70d010104": "sha256",
  "2a864886f70d010105": "sha256",
  "2a864886f70d01010e": "sha224",
  "2a864886f70d01010b": "sha256",
  "2a864886f70d01010c": "sha384",
  "2a864886f70d01010d": "sha512",
  // ECDSA: 1.2.840.10045.4.
  "2a8648ce3d0401": "sha256",
  "2a8648ce3d040301": "sha224",
  "2a8648ce3d040302": "sha256",
  "2a8648ce3d040303": "sha384",
  "2a8648ce3d040304": "sha512",
  // DSA: 1.2.840.10040.4.3, 2.16.840.1.101.3.4.3.2.
  "2a8648ce380403": "sha256",
  "608648016503040302": "sha256",
};

/**
 * The data of tls-server-end-point (RFC 5929 section 4): the certificate's digest by the hash of its own
 * signature. Null where that is not defined, as with Ed25519.
 */
export function serverEndPoint(certificate: Uint8Array): Buffer | null {
  const hash = hashes[signatureAlgorithm(certificate) ?? ""];
  return hash === undefined ? null : createHash(hash).update(certificate).digest();
}

/** The OID, in hex, of `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }`. */
function signatureAlgorithm(certificate: Uint8Array): string | null {
  const outer = element(certificate, 0);
  const signed = outer === null ? null : element(certificate, outer.start);
  const algorithm = signed === null ? null : element(certificate, signed.end);
  const oid = algorithm === null ? null : element(certificate, algorithm.start);
  return oid === null ? null : Buffer.from(certificate.subarray(oid.start, oid.end)).toString("hex");
}

/** Where the content of the DER element at `at` begins and ends. */
function element(der: Uint8Array, at: number): { readonly start: number; readonly end: number } | null {
  const first = der[at + 1];
  if (first === undefined) return null;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const octets = first & 0x7f;
  let length = 0;
  for (const octet of der.subarray(at + 2, at + 2 + octets)) length = length * 256 + octet;
  const start = at + 2 + octets;
  return octets > 4 || start + length > der.length ? null : { start, end: start + length };
}
