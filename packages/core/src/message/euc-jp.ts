import iconv from "iconv-lite";
import { asBuffer } from "./octets.ts";

/** The characters of IBM that eucJP-ms has from 8F F3 F3 on, 94 in each row. iconv-lite's EUC-JP does not have them. */
const FROM_F3F3 =
  "ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ＇＂㈱№℡炻仼僴凬匇匤\ufa0e咊坙\ufa0f\ufa10增寬峵嵓\ufa11德悅愠敎昻晥\ufa12\uf929栁\ufa13\ufa14橫櫢淸淲瀨\ufa15\ufa16甁皂皞\ufa17礰\ufa18\ufa19\ufa1a\ufa1b竧\ufa1c\ufa1d綠緖\ufa1e荢\ufa1f薰\ufa20\ufa21蠇\ufa22譿賴赶\ufa23\ufa24\ufa25郞\ufa26鄕\ufa27\ufa28閒\uf9dc\ufa29霻靍靑\ufa2a\ufa2b\ufa2c馞髙魲\ufa2d黑";
const SHIFT = 0x8f;
const A_ROW = 94;

/** Reads octets in EUC-JP with the characters of NEC and IBM. Octets that are no character become U+FFFD. */
export function readEucJp(octets: Uint8Array): string {
  const buffer = asBuffer(octets);
  const parts: string[] = [];
  let done = 0;
  // No character has this octet as its second or third one, so each stands at the beginning of a character.
  for (let at = buffer.indexOf(SHIFT); at >= 0; at = buffer.indexOf(SHIFT, at + 1)) {
    const character = ibmCharacter(buffer[at + 1], buffer[at + 2]);
    if (character === undefined) continue;
    parts.push(iconv.decode(buffer.subarray(done, at), "eucjp"), character);
    done = at + 3;
  }
  parts.push(iconv.decode(buffer.subarray(done), "eucjp"));
  return parts.join("");
}

function ibmCharacter(row = 0, cell = 0): string | undefined {
  if (cell < 0xa1 || cell > 0xfe) return undefined;
  return FROM_F3F3[(row - 0xf3) * A_ROW + cell - 0xf3];
}
