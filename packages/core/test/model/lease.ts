import type { HeldLease, LeaseEnd, Leases, Maildrop } from "../../src/index.ts";

/** The lease of one run. It has expired at once, so that the next run takes it over if this one dies. */
export class ModelLease implements HeldLease {
  readonly token: string;
  readonly maildrop: Maildrop;
  readonly #leases: Leases;
  #end: LeaseEnd | undefined;

  private constructor(leases: Leases, maildrop: Maildrop, token: string) {
    this.#leases = leases;
    this.maildrop = maildrop;
    this.token = token;
  }

  static async take(leases: Leases, maildropName: string): Promise<ModelLease> {
    const request = { token: `lease ${counter++}`, owner: "run", ttlMs: -1, isDead: () => true };
    const answer = await leases.acquireLease(maildropName, request);
    if (answer.kind === "held") throw new Error("the lease of a dead run is held");
    return new ModelLease(leases, answer.maildrop, request.token);
  }

  leave(end: LeaseEnd): void {
    this.#end = end;
  }

  /** Gives it back as the runtime does: if the store is away it stays, and nobody is told. */
  async giveBack(): Promise<void> {
    await this.#leases.releaseLease(this.maildrop.id, this.token, this.#end).catch(() => {});
  }
}

let counter = 0;
