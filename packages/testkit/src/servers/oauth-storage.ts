/** What oidc-provider keeps of a token, a grant, a session. */
export interface StoredPayload {
  readonly grantId?: string;
  readonly userCode?: string;
  readonly uid?: string;
  readonly accountId?: string;
  consumed?: number;
}

/** All that an OAuth provider keeps, by model and id; oidc-provider reaches it through adapters. */
export class OAuthStorage {
  readonly #models = new Map<string, Map<string, StoredPayload>>();

  /** The entries of a model, by id. May be changed. */
  of(model: string): Map<string, StoredPayload> {
    const known = this.#models.get(model) ?? new Map<string, StoredPayload>();
    this.#models.set(model, known);
    return known;
  }

  /** Removes what `isGone` says, in all models. */
  removeWhere(isGone: (payload: StoredPayload) => boolean): void {
    for (const entries of this.#models.values())
      for (const [id, payload] of entries) if (isGone(payload)) entries.delete(id);
  }

  /** For oidc-provider's option `adapter`. It checks expiry by itself. */
  adapter(model: string): object {
    const entries = this.of(model);
    const findBy = (key: "userCode" | "uid", value: string): StoredPayload | undefined =>
      [...entries.values()].find((payload) => payload[key] === value);
    return {
      upsert: async (id: string, payload: StoredPayload) => {
        entries.set(id, { ...payload });
      },
      find: async (id: string) => entries.get(id),
      findByUserCode: async (userCode: string) => findBy("userCode", userCode),
      findByUid: async (uid: string) => findBy("uid", uid),
      consume: async (id: string) => {
        const payload = entries.get(id);
        if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id: string) => {
        entries.delete(id);
      },
      revokeByGrantId: async (grantId: string) => {
        for (const [id, payload] of entries) if (payload.grantId === grantId) entries.delete(id);
      },
    };
  }
}
