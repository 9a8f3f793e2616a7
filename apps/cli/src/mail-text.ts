import PostalMime, { decodeWords } from "postal-mime";

/** A message as a person reads it. Nothing in it is made safe for a terminal. */
export interface MailText {
  /** All header fields in their order, encoded words decoded. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** The text part, or the HTML part as text; empty if there is neither. */
  readonly text: string;
  readonly attachments: readonly {
    readonly filename: string | null;
    readonly mimeType: string;
    readonly octets: number;
  }[];
}

/** Reads a whole message. Never throws: what cannot be taken apart is shown as it stands. */
export async function readMail(octets: Uint8Array): Promise<MailText> {
  try {
    const mail = await PostalMime.parse(octets);
    const text = mail.text?.trim() ? mail.text : await htmlAsText(mail.html ?? "");
    return {
      headers: mail.headers.map(({ originalKey, value }) => ({
        name: originalKey,
        value: decodeWords(value),
      })),
      text,
      attachments: mail.attachments.map(({ filename, mimeType, content }) => ({
        filename,
        mimeType,
        octets: typeof content === "string" ? content.length : content.byteLength,
      })),
    };
  } catch {
    // Parts nested beyond the library's bound, or headers beyond it.
    return { headers: [], text: Buffer.from(octets).toString("latin1"), attachments: [] };
  }
}

/**
 * The library turns HTML into text only where it stands beside a text part, so it is put there. Style sheets in the
 * body would come out as text.
 */
async function htmlAsText(html: string): Promise<string> {
  if (html === "") return "";
  const part = Buffer.from(withoutStyles(html)).toString("base64");
  const mail = [
    "Content-Type: multipart/mixed; boundary=part",
    "",
    "--part",
    "Content-Type: text/plain",
    "",
    "",
    "--part",
    "Content-Type: text/html; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    part,
    "--part--",
  ];
  const { text } = await PostalMime.parse(mail.join("\r\n"));
  return (text ?? "").trim();
}

/** In linear time, whatever the HTML. */
function withoutStyles(html: string): string {
  const pieces = html.split(/<style\b/i);
  return pieces
    .map((piece, index) => {
      if (index === 0) return piece;
      const end = piece.search(/<\/style\b/i);
      return end < 0 ? "" : piece.slice(end);
    })
    .join("");
}
