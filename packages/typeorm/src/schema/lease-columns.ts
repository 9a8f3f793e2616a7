import type { ColumnKinds } from "./columns.ts";

/** The columns by which one process at a time has a row: until when, its token, and who it is in words for others. */
export function leaseColumns(kinds: ColumnKinds) {
  return {
    leaseToken: { ...kinds.text(64), name: "lease_token", nullable: true },
    leaseOwner: { ...kinds.text(512), name: "lease_owner", nullable: true },
    leaseExpiresAt: { ...kinds.time, name: "lease_expires_at", nullable: true },
  };
}
