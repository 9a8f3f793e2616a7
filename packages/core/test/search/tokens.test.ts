import { CUT_TOKEN, compileSearch, messageTokens } from "@mailonce/core/search";
import { describe, expect, test } from "vitest";
import { finds } from "./messages.ts";

/** Numbers that look random and are the same each time. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    yield state >>> 8;
  }
}

const SNIPS = [
  ..."aàábßs_1٣ı İ-.,@+*?ñ東京都ガｶﾞガ서울ไทยกำйиё\u00ad\u200d½㍿™🎉्हि".split(""),
  ...[
    "foo",
    "foo@bar.org",
    "@",
    "joe+x@",
    " ",
    "\n",
    "e\u0301",
    "\u0301",
    "of",
    "the",
    "ﬁ",
    "Ａ",
    "한",
    "各",
    // Unassigned: for good, or as yet (Unicode 17 has the second as an ideograph, the third as a letter).
    "\u0378",
    "\u{323b0}",
    "\u{11db0}",
    "\u{3fffd}",
  ],
];

describe("whatever a query finds has the tokens that the query needs", () => {
  test.each(["", "text:", "subject:", "from:", "filename:", "to:"])("with the field %s", (field) => {
    const next = numbers(7 + field.length);
    const pick = (most: number): string => {
      const count = 1 + ((next.next().value ?? 0) % most);
      return Array.from({ length: count }, () => SNIPS[(next.next().value ?? 0) % SNIPS.length]).join("");
    };
    let found = 0;
    for (let round = 0; round < 2000; round++) {
      const text = pick(12);
      const at = (next.next().value ?? 0) % text.length;
      const part = text.slice(at, at + 1 + ((next.next().value ?? 0) % 6)).trim();
      const written = round % 3 === 0 ? part : part.replace(/[*?]/g, "\\$&").replace(/[\s()"'\\:]/g, "\\$&");
      const wild = round % 5 === 0 ? `${written}*` : round % 7 === 0 ? `*${written}` : written;
      const query = `${field}${round % 2 === 0 ? `"${part.replace(/["\\]/g, "")}"` : wild}`;
      try {
        compileSearch(query);
      } catch {
        continue;
      }
      const line = text.replaceAll("\n", " ");
      const isFound = finds(query, {
        header: { Subject: line, From: line, To: line },
        text,
        fileNames: [text],
      });
      if (isFound) found++;
    }
    // Most parts of a text are found in it.
    expect(found).toBeGreaterThan(300);
  });
});

test("a message with too many words is a candidate for all", () => {
  const words = Array.from({ length: 30_000 }, (_, at) => `w${at}`);
  const tokens = messageTokens({ block: new Uint8Array(), text: words.join(" "), fileNames: [] });
  expect(tokens.length).toBe(20_001);
  expect(tokens.at(-1)).toBe(CUT_TOKEN);
  expect(finds("w29999", { text: words.join(" ") })).toBe(true);
  const long = Array.from({ length: 10_000 }, (_, at) => `${at}${"x".repeat(70)}`).join(" ");
  const few = messageTokens({ block: new Uint8Array(), text: long, fileNames: [] });
  expect(few.join(" ").length).toBeLessThan(410_000);
  expect(few.at(-1)).toBe(CUT_TOKEN);
});

test("the tokens say where words stand, and are each there once", () => {
  const block = Buffer.from("Subject: Big bill\r\nFrom: Joe <joe@example.org>\r\nTo: jane\r\n\r\n");
  const tokens = messageTokens({ block, text: "the big bill", fileNames: ["a.pdf"] });
  expect(new Set(tokens)).toEqual(
    new Set([
      ...[
        "abig",
        "sbig",
        "abill",
        "sbill",
        "ajoe",
        "fjoe",
        "aexample",
        "fexample",
        "aorg",
        "forg",
        "ejoeexampleorg",
      ],
      ...["ajane", "tjane", "athe", "aa00", "na00", "apdf", "npdf"],
    ]),
  );
  expect(tokens).toHaveLength(new Set(tokens).size);
});
