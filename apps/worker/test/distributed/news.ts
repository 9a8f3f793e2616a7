/** Something has happened: those who wait for a condition look again. */
export class News {
  #waiting: (() => void)[] = [];

  readonly tell = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  };

  /** Resolves at the next news. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
