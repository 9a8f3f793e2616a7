/**
 * Does the work for each item, at most so many at once, in their order.
 * @throws what the work for one of them threw, when the work for all that had begun has ended; no other begins
 */
export async function eachAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const ended = await Promise.allSettled(
    Array.from({ length: Math.min(atOnce, items.length) }, async () => {
      for (const item of left) await work(item);
    }),
  );
  for (const one of ended) if (one.status === "rejected") throw one.reason;
}
