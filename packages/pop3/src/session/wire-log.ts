import type { OnWire } from "../options/connect-options.ts";
import type { Reply } from "../protocol/reply.ts";

const hiddenChallenge = Buffer.from("+ ****\r\n");

/** Tells `onWire` what goes over the wire, if it was given. Secrets are masked before they come here. */
export class WireLog {
  readonly #onWire: OnWire | undefined;
  #secret: boolean = false;

  constructor(onWire: OnWire | undefined) {
    this.#onWire = onWire;
  }

  get listening(): boolean {
    return this.#onWire !== undefined;
  }

  /** `shown` is the command without its secrets. */
  sent(shown: string): void {
    this.#onWire?.({ direction: "sent", octets: Buffer.from(shown) });
  }

  /** `secret`: the octets may repeat a secret, so only the replies in them are told, which have it masked. */
  received(octets: Uint8Array, secret: boolean): void {
    this.#secret = secret;
    if (!secret) this.#onWire?.({ direction: "received", octets });
  }

  /** Takes a reply that was read from the octets that were received last. */
  reply(reply: Reply): void {
    if (reply.kind === "challenge") {
      this.#onWire?.({ direction: "received", octets: hiddenChallenge });
    } else if (this.#secret) {
      const octets = Buffer.from(`${reply.ok ? "+OK" : "-ERR"} ${reply.statusText}\r\n`);
      this.#onWire?.({ direction: "received", octets });
    }
  }
}
