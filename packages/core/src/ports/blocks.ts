/** Cuts `items` into blocks of at most `size`, in their order. */
export function* blocksOf<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
