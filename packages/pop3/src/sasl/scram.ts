import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { SaslError } from "../errors/login.ts";
import type { ChannelBinding, SaslExchange } from "./mechanism.ts";
import { saslName, saslPrep } from "./prepare.ts";

const derive = promisify(pbkdf2);

/** RFC 5802 section 5.1 and RFC 7677 section 4: fewer make guessing too cheap. */
const fewestIterations = 4096;

/** What SCRAM needs; `nonce` is chosen at random unless a test vector wants another. */
export interface ScramOptions {
  readonly hash: "sha1" | "sha256";
  readonly user: string;
  readonly password: string;
  /** For the -PLUS form. */
  readonly binding: ChannelBinding | null;
  /** Without `binding`: there is a channel to bind to, but the server has not offered the -PLUS form. */
  readonly couldBind?: boolean;
  readonly mostIterations: number;
  readonly nonce?: string;
}

/** SCRAM-SHA-1 (RFC 5802) and SCRAM-SHA-256 (RFC 7677), with channel binding or without. */
export class Scram implements SaslExchange {
  readonly initial: Buffer;
  readonly #name: string;
  readonly #options: ScramOptions;
  readonly #password: string;
  readonly #gs2: string;
  readonly #nonce: string;
  readonly #firstBare: string;
  #expects: "first" | "final" | "nothing" = "first";
  #failure: string | null = null;
  #serverSignature: Buffer = Buffer.alloc(0);

  /** Throws InvalidArgumentError where SASLprep refuses the user or the password. */
  constructor(options: ScramOptions) {
    const { hash, binding } = options;
    this.#options = options;
    this.#name = `SCRAM-${hash === "sha1" ? "SHA-1" : "SHA-256"}${binding === null ? "" : "-PLUS"}`;
    this.#password = saslPrep(options.password, "password");
    this.#nonce = options.nonce ?? randomBytes(24).toString("base64");
    // RFC 5802 section 6: "y" lets a server notice that its -PLUS offer was stripped.
    const flag = binding === null ? (options.couldBind === true ? "y" : "n") : `p=${binding.type}`;
    this.#gs2 = `${flag},,`;
    this.#firstBare = `n=${saslName(saslPrep(options.user, "user"))},r=${this.#nonce}`;
    this.initial = Buffer.from(this.#gs2 + this.#firstBare);
  }

  get failure(): string | null {
    return this.#failure;
  }

  get secretUsed(): boolean {
    return this.#expects !== "first";
  }

  get incomplete(): string | null {
    return this.#expects === "nothing" ? null : "the server has not proved that it knows the password";
  }

  async answer(challenge: Uint8Array): Promise<Uint8Array> {
    const message = Buffer.from(challenge).toString("utf8");
    // A refusal and its reason (RFC 5802 section 7); the negative reply follows.
    if (message.startsWith("e=") && this.#failure === null) {
      this.#failure = message;
      return new Uint8Array();
    }
    switch (this.#expects) {
      case "first":
        return this.#final(message);
      case "final":
        this.#verify(message);
        return new Uint8Array();
      case "nothing":
        throw this.#error("the server asks for more");
    }
  }

  async #final(serverFirst: string): Promise<Buffer> {
    const [nonce = "", salt = "", count = ""] = serverFirst.split(",");
    if (!nonce.startsWith(`r=${this.#nonce}`) || nonce.length === this.#nonce.length + 2)
      throw this.#error("the server's nonce does not extend ours");
    // "m=" would stand before the nonce: an extension that must be understood (RFC 5802 section 5.1).
    if (!/^s=[A-Za-z0-9+/]+={0,2}$/.test(salt) || !/^i=[1-9]\d{0,9}$/.test(count))
      throw this.#error("the server's first message makes no sense");
    const iterations = Number(count.slice(2));
    if (iterations < fewestIterations || iterations > this.#options.mostIterations)
      throw this.#error(`the server asks for ${iterations} iterations`);
    const { hash } = this.#options;
    const binding = Buffer.concat([Buffer.from(this.#gs2), this.#options.binding?.data ?? Buffer.alloc(0)]);
    const withoutProof = `c=${binding.toString("base64")},${nonce}`;
    const signed = `${this.#firstBare},${serverFirst},${withoutProof}`;
    const salted = await derive(
      this.#password,
      Buffer.from(salt.slice(2), "base64"),
      iterations,
      hash === "sha1" ? 20 : 32,
      hash,
    );
    const clientKey = this.#mac(salted, "Client Key");
    const signature = this.#mac(createHash(hash).update(clientKey).digest(), signed);
    const proof = clientKey.map((octet, index) => octet ^ (signature[index] ?? 0));
    this.#serverSignature = this.#mac(this.#mac(salted, "Server Key"), signed);
    this.#expects = "final";
    return Buffer.from(`${withoutProof},p=${Buffer.from(proof).toString("base64")}`);
  }

  #verify(serverFinal: string): void {
    const claimed = Buffer.from(/^v=([A-Za-z0-9+/]+={0,2})(?:,|$)/.exec(serverFinal)?.[1] ?? "", "base64");
    const wanted = this.#serverSignature;
    if (claimed.length !== wanted.length || !timingSafeEqual(claimed, wanted))
      throw this.#error("the server's signature is wrong: it does not know the password");
    this.#expects = "nothing";
  }

  #mac(key: Uint8Array, text: string): Buffer {
    return createHmac(this.#options.hash, key).update(text).digest();
  }

  #error(reason: string): SaslError {
    return new SaslError(this.#name, reason);
  }
}
