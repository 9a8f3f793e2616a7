/** A text out of which the parts that were understood are taken, so that the rest can be looked at. */
export class RestOfText {
  text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Replaces the first match of the pattern by a space and gives it, null if there is none. */
  take(pattern: RegExp): RegExpExecArray | null {
    const match = pattern.exec(this.text);
    if (match !== null)
      this.text =
        `${this.text.slice(0, match.index)} ${this.text.slice(match.index + match[0].length)}`.trim();
    return match;
  }
}
