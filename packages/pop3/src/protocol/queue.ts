interface Link<T> {
  readonly item: T;
  next: Link<T> | null;
}

/**
 * First in, first out. A linked list: Array.shift moves the rest each time, which is most of the work where
 * thousands wait.
 */
export class Queue<T> {
  #first: Link<T> | null = null;
  #last: Link<T> | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    const link = { item, next: null };
    if (this.#last === null) this.#first = link;
    else this.#last.next = link;
    this.#last = link;
    this.#length++;
  }

  /** The oldest, which stays. */
  peek(): T | undefined {
    return this.#first?.item;
  }

  /** The oldest, which goes. */
  shift(): T | undefined {
    const link = this.#first;
    if (link === null) return undefined;
    this.#first = link.next;
    if (link.next === null) this.#last = null;
    this.#length--;
    return link.item;
  }

  clear(): void {
    this.#first = null;
    this.#last = null;
    this.#length = 0;
  }
}
