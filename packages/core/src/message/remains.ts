/** A text of which parts were understood and taken out. */
export class Remains {
  text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Takes the first match out, so that what stood around it meets. */
  take(pattern: RegExp): RegExpExecArray | null {
    const match = pattern.exec(this.text);
    if (match !== null)
      this.text =
        `${this.text.slice(0, match.index)} ${this.text.slice(match.index + match[0].length)}`.trim();
    return match;
  }
}
