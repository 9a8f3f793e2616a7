import type { Faults } from "../faults.ts";
import { type Base64Purpose, decodeBase64 } from "./base64.ts";
import { Base64Stream } from "./base64-stream.ts";
import { LineBlocks } from "./line-blocks.ts";
import { decodeQuotedPrintable } from "./quoted-printable.ts";
import type { TransferEncoding } from "./transfer-encoding.ts";
import { UUENCODE_BEGIN } from "./uuencode.ts";
import { UuencodeStream } from "./uuencode-stream.ts";

/** Decodes a body piece by piece. What comes out does not depend on where the pieces are cut. */
export interface StreamDecoder {
  add(octets: Buffer): Buffer;
  /** The rest, once there are no more octets. */
  end(): Buffer;
}

const NOTHING = Buffer.alloc(0);
const AS_IT_STANDS: StreamDecoder = { add: (octets) => octets, end: () => NOTHING };
/** By so many octets it is told whether a body is encoded as it says. */
const LOOKED_AT = 65_536;

/**
 * A decoder for a body that is too large to be decoded as a whole.
 * @param beginning the first octets of the body, by which it is told whether it was encoded at all
 */
export function streamDecoder(
  encoding: TransferEncoding,
  beginning: Buffer,
  purpose: Base64Purpose,
  faults: Faults,
): StreamDecoder {
  const first = beginning.subarray(0, LOOKED_AT);
  switch (encoding) {
    case "base64":
      return decodeBase64(first, purpose, faults) === first ? AS_IT_STANDS : new Base64Stream(faults);
    case "quoted-printable":
      return new QuotedPrintableStream();
    case "uuencode": {
      const lines = first.toString("latin1").split("\n");
      if (lines.some((line) => UUENCODE_BEGIN.test(line))) return new UuencodeStream(faults);
      faults.note("a part is said to be uuencoded and is not; it is read as it stands");
      return AS_IT_STANDS;
    }
    case "unknown":
      faults.note("a part is encoded in a way that nobody knows; it is read as it stands");
      return AS_IT_STANDS;
    case "identity":
      return AS_IT_STANDS;
  }
}

class QuotedPrintableStream implements StreamDecoder {
  readonly #lines = new LineBlocks();

  add(octets: Buffer): Buffer {
    return Buffer.concat(this.#lines.add(octets).map(decodeQuotedPrintable));
  }

  end(): Buffer {
    return Buffer.concat(this.#lines.end().map(decodeQuotedPrintable));
  }
}
