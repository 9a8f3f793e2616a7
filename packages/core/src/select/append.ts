/** `target.push(...items)` for any number of them: as arguments of a call a hundred thousand are too many. */
export function append<T>(target: T[], ...lists: readonly (readonly T[])[]): void {
  for (const items of lists) for (const item of items) target.push(item);
}
