/** Names in the order of when they are due. Putting one and taking the first costs the logarithm of their number. */
export class DueHeap {
  readonly #names: string[] = [];
  readonly #times: number[] = [];
  /** When each name is due. Entries of the heap with another time are out of date. */
  readonly #due = new Map<string, number>();

  get size(): number {
    return this.#due.size;
  }

  /** When the first is due; infinity if there is none. */
  get first(): number {
    this.#skip();
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  has(name: string): boolean {
    return this.#due.has(name);
  }

  put(name: string, due: number): void {
    this.#due.set(name, due);
    let at = this.#names.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#time(parent) <= due) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#set(at, name, due);
  }

  remove(name: string): void {
    this.#due.delete(name);
  }

  /** Takes the first if it is due by then. */
  take(now: number): string | null {
    this.#skip();
    const [name] = this.#names;
    if (name === undefined || this.#time(0) > now) return null;
    this.#due.delete(name);
    this.#pop();
    return name;
  }

  /** Drops what is out of date from the top. */
  #skip(): void {
    for (;;) {
      const [name] = this.#names;
      if (name === undefined || this.#due.get(name) === this.#time(0)) return;
      this.#pop();
    }
  }

  #pop(): void {
    const name = this.#names.pop();
    const time = this.#times.pop();
    const { length } = this.#names;
    if (name === undefined || time === undefined || length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= length) break;
      const least = left + 1 < length && this.#time(left + 1) < this.#time(left) ? left + 1 : left;
      if (this.#time(least) >= time) break;
      this.#move(least, at);
      at = least;
    }
    this.#set(at, name, time);
  }

  #time(at: number): number {
    return this.#times[at] ?? Number.POSITIVE_INFINITY;
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#names[from] ?? "", this.#time(from));
  }

  #set(at: number, name: string, time: number): void {
    this.#names[at] = name;
    this.#times[at] = time;
  }
}
