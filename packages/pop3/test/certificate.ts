import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A self-signed certificate for these names, such as "DNS:localhost". */
export function makeCertificate(subjectAltName: string): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "mailonce-pop3-"));
  try {
    const cert = join(folder, "cert.pem");
    const key = join(folder, "key.pem");
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const name = ["-subj", "/CN=mailonce test", "-addext", `subjectAltName=${subjectAltName}`];
    execFileSync("openssl", ["req", "-x509", ...curve, ...name, "-days", "2", "-keyout", key, "-out", cert], {
      stdio: "ignore",
    });
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
