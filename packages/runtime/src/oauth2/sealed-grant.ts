import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { FailureError } from "../failure/failure-error.ts";
import { type Grant, parseGrant } from "./grant.ts";
import type { TokenKey } from "./token-key.ts";

const VERSION = 1;
const KEY_ID_OCTETS = 8;
const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;
const HEAD_OCTETS = 1 + KEY_ID_OCTETS + NONCE_OCTETS;
const ALGORITHM = "aes-256-gcm";

/**
 * A grant as the database holds it: version, key id, nonce, AES-256-GCM's ciphertext and tag. The account's name is
 * associated data, so a row that is copied to another account opens for nobody.
 */
export function sealGrant(grant: Grant, account: string, { id, key }: TokenKey): Buffer {
  const head = Buffer.concat([Buffer.of(VERSION), id, randomBytes(NONCE_OCTETS)]);
  const cipher = createCipheriv(ALGORITHM, key, head.subarray(-NONCE_OCTETS), { authTagLength: TAG_OCTETS });
  cipher.setAAD(associatedData(head, account));
  const text = Buffer.concat([cipher.update(JSON.stringify(grant), "utf8"), cipher.final()]);
  return Buffer.concat([head, text, cipher.getAuthTag()]);
}

/** @throws FailureError (`token-key`, `token-damaged`; of the kind `config`) */
export function openGrant(sealed: Uint8Array, account: string, keys: readonly TokenKey[]): Grant {
  const octets = Buffer.from(sealed);
  if (octets.length < HEAD_OCTETS + TAG_OCTETS || octets[0] !== VERSION) throw damaged(account);
  const head = octets.subarray(0, HEAD_OCTETS);
  const keyId = head.subarray(1, 1 + KEY_ID_OCTETS);
  const key = keys.find(({ id }) => id.equals(keyId));
  if (key === undefined) {
    throw new FailureError(
      "token-key",
      `the token of ${account} is encrypted under another key: give the one that it was written with as well (MAILONCE_TOKEN_KEY or tokenKey), or run 'mailonce login ${account}'`,
      "config",
    );
  }
  const decipher = createDecipheriv(ALGORITHM, key.key, head.subarray(-NONCE_OCTETS), {
    authTagLength: TAG_OCTETS,
  });
  decipher.setAAD(associatedData(head, account));
  decipher.setAuthTag(octets.subarray(-TAG_OCTETS));
  let grant: Grant | null;
  try {
    const text = Buffer.concat([
      decipher.update(octets.subarray(HEAD_OCTETS, -TAG_OCTETS)),
      decipher.final(),
    ]);
    grant = parseGrant(text.toString("utf8"));
  } catch {
    grant = null;
  }
  // Without the cause: what a parser says of a text may repeat it.
  if (grant === null) throw damaged(account);
  return grant;
}

function associatedData(head: Buffer, account: string): Buffer {
  return Buffer.concat([Buffer.from("mailonce grant\0"), head, Buffer.from(account, "utf8")]);
}

function damaged(account: string): FailureError {
  return new FailureError(
    "token-damaged",
    `what the database holds as the token of ${account} is damaged, or was written for another account: run 'mailonce login ${account}'`,
    "config",
  );
}
