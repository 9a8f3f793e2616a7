import type { HeldLease, LeaseAnswer, LeaseEnd, Leases, Maildrop } from "../../src/index.ts";

type Taken = Extract<LeaseAnswer, { readonly kind: "taken" }>;

/** The lease of one run. It has expired at once, so that the next run takes it over if this one dies. */
export class ModelLease implements HeldLease {
  readonly token: string;
  readonly maildrop: Maildrop;
  readonly isNew: boolean;
  readonly #leases: Leases;
  #end: LeaseEnd | undefined;

  private constructor(leases: Leases, { maildrop, isNew }: Taken, token: string) {
    this.#leases = leases;
    this.maildrop = maildrop;
    this.isNew = isNew;
    this.token = token;
  }

  static async take(leases: Leases, maildropName: string): Promise<ModelLease> {
    const request = { token: `lease ${counter++}`, owner: "run", ttlMs: -1, isDead: () => true };
    const answer = await leases.acquireLease(maildropName, request);
    if (answer.kind === "held") throw new Error("the lease of a dead run is held");
    return new ModelLease(leases, answer, request.token);
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
