/** Adds all items to `target`. For `target.push(...items)` a hundred thousand items would be too many arguments. */
export function append<T>(target: T[], ...lists: readonly (readonly T[])[]): void {
  for (const items of lists) for (const item of items) target.push(item);
}
