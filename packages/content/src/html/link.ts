/** More of a link's text and address is not compared. */
const COMPARED = 1000;
/** A longer address is cut. */
const LONGEST = 2000;
const SHOWN = /^(?:https?:|ftp:|mailto:|tel:|sms:|news:|nntp:|\/\/|www\.)/i;

/** A link that is being read. */
export class Link {
  readonly #address: string;
  #text = "";
  #hasContent = false;

  constructor(href: string) {
    this.#address = href.replace(/[\t\n\r]/g, "").trim();
  }

  addText(text: string): void {
    if (this.#text.length < COMPARED) this.#text += text.slice(0, COMPARED);
    this.#hasContent ||= text.trim() !== "";
  }

  /** An image with the text that stands for it; without one, too, there is something to click on. */
  addImage(text: string): void {
    this.addText(text);
    this.#hasContent = true;
  }

  /** The address in angle brackets, where it says more than the text does; null otherwise. */
  shownAddress(): string | null {
    if (!this.#hasContent || !SHOWN.test(this.#address)) return null;
    if (bare(this.#text) === bare(this.#address)) return null;
    const address = this.#address.replace(/^mailto:/i, "");
    return `<${address.length > LONGEST ? `${address.slice(0, LONGEST)}…` : address}>`;
  }
}

/** An address as people write it. */
function bare(address: string): string {
  const text = address.slice(0, COMPARED).trim().toLowerCase();
  if (/^(?:tel|sms):|^[+\d\s()/.-]+$/.test(text)) return text.replace(/[^+\d]/g, "");
  return text
    .replace(/^(?:https?:|ftp:)?\/\/|^mailto:/, "")
    .replace(/^www\./, "")
    .replace(/\/$/, "");
}
