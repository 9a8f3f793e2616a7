import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "./temporary-folder.ts";

/** What certificate to make. */
export interface CertificateOptions {
  /** Host names and IP addresses that it stands for. Default localhost and 127.0.0.1. */
  readonly names?: readonly string[];
  /** Its validity ended in the year 2020. */
  readonly expired?: boolean;
  /** Whether a server shows it, or a client. Default server. */
  readonly use?: "server" | "client";
  /** Who signs it: a CA made for it (default), the certificate itself, or the CA of an earlier certificate. */
  readonly ca?: "own" | "self" | Certificate;
}

/** A server's certificate with its key, and the certificate that a client must trust to accept it. */
export interface Certificate extends AsyncDisposable {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  readonly caKeyFile: string;
}

/**
 * Makes a certificate with the `openssl` program in a temporary folder that goes with it.
 * @throws Error if `openssl` is missing or refuses
 */
export function makeCertificate(options: CertificateOptions = {}): Certificate {
  const folder = temporaryFolder("mailonce-tls-");
  const file = (name: string): string => join(folder.path, name);
  const issuer = issuerFiles(options.ca ?? "own", file);
  const names = options.names ?? ["localhost", "127.0.0.1"];
  writeFileSync(file("extensions"), extensions(names, options.use ?? "server"));
  newKey(file("server.key"));
  openssl(
    "req",
    "-new",
    "-key",
    file("server.key"),
    "-subj",
    `/CN=${names[0] ?? "nobody"}`,
    "-out",
    file("server.csr"),
  );
  sign(file, options.expired === true, issuer);
  const caFile = issuer?.certificateFile ?? file("server.crt");
  return {
    certificate: readFileSync(file("server.crt"), "utf8"),
    key: readFileSync(file("server.key"), "utf8"),
    ca: readFileSync(caFile, "utf8"),
    certificateFile: file("server.crt"),
    keyFile: file("server.key"),
    caFile,
    caKeyFile: issuer?.keyFile ?? file("server.key"),
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}

interface Issuer {
  readonly certificateFile: string;
  readonly keyFile: string;
}

function issuerFiles(ca: "own" | "self" | Certificate, file: (name: string) => string): Issuer | undefined {
  if (ca === "self") return undefined;
  if (ca !== "own") return { certificateFile: ca.caFile, keyFile: ca.caKeyFile };
  newKey(file("ca.key"));
  openssl(
    ...[
      "req",
      "-x509",
      "-new",
      "-key",
      file("ca.key"),
      "-days",
      "3650",
      "-subj",
      `/CN=Mailonce test CA ${randomBytes(4).toString("hex")}`,
    ],
    ...["-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", file("ca.crt")],
  );
  return { certificateFile: file("ca.crt"), keyFile: file("ca.key") };
}

/** `openssl ca` because it alone takes a date in the past on OpenSSL 3.0; the CA's book-keeping lies in the folder. */
function sign(file: (name: string) => string, expired: boolean, issuer: Issuer | undefined): void {
  writeFileSync(file("index.txt"), "");
  writeFileSync(
    file("ca.conf"),
    [
      "[ca]\ndefault_ca = test",
      `[test]\ndatabase = ${file("index.txt")}\nnew_certs_dir = ${file(".")}\nrand_serial = yes`,
      "default_md = sha256\npolicy = any\nunique_subject = no",
      "[any]\ncommonName = supplied\n",
    ].join("\n"),
  );
  const by = issuer === undefined ? ["-selfsign"] : ["-cert", issuer.certificateFile];
  openssl(
    ...[
      "ca",
      "-batch",
      "-notext",
      "-config",
      file("ca.conf"),
      "-in",
      file("server.csr"),
      "-out",
      file("server.crt"),
    ],
    ...["-keyfile", issuer?.keyFile ?? file("server.key"), ...by, "-extfile", file("extensions")],
    ...(expired ? ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"] : ["-days", "3650"]),
  );
}

function extensions(names: readonly string[], use: "server" | "client"): string {
  const alternatives = names.map((name) => (isIP(name) !== 0 ? `IP:${name}` : `DNS:${name}`));
  return `subjectAltName=${alternatives.join(",")}\nextendedKeyUsage=${use}Auth\n`;
}

function newKey(path: string): void {
  openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path);
}

function openssl(...parameters: readonly string[]): void {
  execFileSync("openssl", parameters, { stdio: ["ignore", "ignore", "pipe"] });
}
