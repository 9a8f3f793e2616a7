import { type CipherGCM, createCipheriv, randomBytes } from "node:crypto";

const KEY_OCTETS = 16;
/** A nonce tells messages under one key apart; here every digest has a key of its own. */
const NONCE = Buffer.alloc(12);

/**
 * The digest of the first octets of UIDL and of LIST: a random key of its own, and the code (GMAC, NIST SP 800-38D)
 * that these octets have under it. As the server never sees the key, two listings have one digest with a chance of
 * 2^-100, whatever the server does; and it takes a fifth of the time of SHA-256.
 */
export class PrefixDigest {
  readonly #key: Uint8Array;
  readonly #mac: CipherGCM;
  #uidlLeft: number;
  #listLeft: number;

  /** @param like a digest that this one is to be compared with: it gets the same key */
  constructor(
    { uidlOctets, listOctets }: { readonly uidlOctets: number; readonly listOctets: number },
    like: Uint8Array = randomBytes(KEY_OCTETS),
  ) {
    this.#key = like.slice(0, KEY_OCTETS);
    this.#mac = createCipheriv("aes-128-gcm", this.#key, NONCE);
    this.#uidlLeft = uidlOctets;
    this.#listLeft = listOctets;
  }

  /** Takes octets of UIDL; all of them come before LIST's. */
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

  /** 32 octets; null if there were fewer octets than it is to be of. Called once. */
  finish(): Uint8Array | null {
    if (this.#uidlLeft > 0 || this.#listLeft > 0) return null;
    this.#mac.final();
    return Buffer.concat([this.#key, this.#mac.getAuthTag()]);
  }

  #take(octets: Uint8Array, count: number): void {
    if (count > 0) this.#mac.setAAD(octets.subarray(0, count));
  }
}
