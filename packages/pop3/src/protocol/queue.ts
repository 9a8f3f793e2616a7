/**
 * A queue: first in, first out. It is a ring buffer, because Array.shift moves all other items each time, which is most
 * of the work where thousands wait, and a linked list has an object for each.
 */
export class Queue<T> {
  // The number of places is a power of two.
  #places: (T | undefined)[] = new Array(16);
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#places.length) this.#grow();
    this.#places[(this.#first + this.#length++) & (this.#places.length - 1)] = item;
  }

  /** The oldest item, which stays in the queue. */
  peek(): T | undefined {
    return this.#places[this.#first];
  }

  /** Takes the oldest item out of the queue. */
  shift(): T | undefined {
    const places = this.#places;
    const item = places[this.#first];
    if (this.#length === 0) return undefined;
    places[this.#first] = undefined;
    this.#first = (this.#first + 1) & (places.length - 1);
    this.#length--;
    return item;
  }

  clear(): void {
    this.#places = new Array(16);
    this.#first = 0;
    this.#length = 0;
  }

  #grow(): void {
    const old = this.#places;
    this.#places = [...old.slice(this.#first), ...old.slice(0, this.#first), ...new Array(old.length)];
    this.#first = 0;
  }
}
