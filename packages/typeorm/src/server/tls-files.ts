import { readFile, stat } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { MailonceError } from "@mailonce/core";
import type { DatabaseTls } from "../database/database-address.ts";

/** Larger files hold something else. */
const MAX_OCTETS = 1024 * 1024;

/** What a file must hold: its parameter in the URL, and what PEM begins such a thing with. */
interface Wanted {
  readonly parameter: "ca" | "cert" | "key";
  readonly what: string;
  readonly begin: RegExp;
}

const CA: Wanted = {
  parameter: "ca",
  what: "certificate",
  begin: /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/,
};
const CERT: Wanted = { ...CA, parameter: "cert" };
const KEY: Wanted = {
  parameter: "key",
  what: "private key",
  begin: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/,
};

/** The content of the files that a URL names, for `node:tls`. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Reads the files of {@link DatabaseTls} and tries them: what is wrong with them is found here, and not in the middle of
 * a handshake.
 * @throws MailonceError (`database-tls`), which names the file and never holds anything of it
 */
export async function readTlsFiles({ ca, client }: DatabaseTls): Promise<TlsMaterial> {
  const material: TlsMaterial = {
    ...(ca === null ? {} : { ca: await read(ca, CA) }),
    ...(client === null ? {} : { cert: await read(client.cert, CERT), key: await read(client.key, KEY) }),
  };
  if (client !== null && /ENCRYPTED/.test(material.key ?? ""))
    throw wrong(KEY, `is encrypted, and there is nobody to ask for its passphrase: ${client.key}`);
  try {
    createSecureContext(material);
  } catch (error) {
    const { code = "no reason given" } = error as NodeJS.ErrnoException;
    const why =
      code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH"
        ? "cert and key do not belong to each other"
        : `ca, cert or key cannot be used (${code})`;
    throw new MailonceError("database-tls", `In the database's URL ${why}.`);
  }
  return material;
}

async function read(file: string, wanted: Wanted): Promise<string> {
  let text: string;
  try {
    const facts = await stat(file);
    if (!facts.isFile() || facts.size > MAX_OCTETS) throw wrong(wanted, `is no file of PEM: ${file}`);
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof MailonceError) throw error;
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw wrong(wanted, `cannot be read: ${file} (${code})`);
  }
  if (!wanted.begin.test(text)) throw wrong(wanted, `holds no ${wanted.what} in PEM form: ${file}`);
  return text;
}

function wrong({ parameter }: Wanted, sentence: string): MailonceError {
  return new MailonceError("database-tls", `The file ${parameter}= of the database's URL ${sentence}.`);
}
