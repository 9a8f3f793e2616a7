import { DuplicateKeyError, TransactionConflictError } from "@mailonce/core";

/** How often a transaction is run again that stood in another one's way. */
const MOST_CONFLICTS = 10;

/** Runs a transaction again if the database broke it off for the sake of another one: then it has done nothing. */
export async function untilDone<T>(transaction: () => Promise<T>): Promise<T> {
  for (let conflicts = 0; ; conflicts++) {
    try {
      return await transaction();
    } catch (error) {
      const again = error instanceof TransactionConflictError || error instanceof DuplicateKeyError;
      if (!again || conflicts === MOST_CONFLICTS) throw error;
    }
  }
}
