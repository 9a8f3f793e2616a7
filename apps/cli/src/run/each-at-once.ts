/**
 * Does the work for each item in their order, for at most `atOnce` of them at the same time.
 * @throws the first error of the work, once the work for all the items that had begun has ended
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
