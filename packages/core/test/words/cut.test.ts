import { cutWords, findAddresses, textTokens, tokenOf, tokenStart } from "@mailonce/core/words";
import { describe, expect, test } from "vitest";

function words(text: string): readonly string[] {
  return [...cutWords(text)].map((word) => word.text);
}

function tokens(text: string): ReadonlySet<string> {
  return new Set(textTokens("anywhere", text));
}

describe("a text in", () => {
  test.each([
    ["English", "Don't PANIC: it's 42_a, really.", ["don", "t", "panic", "it", "s", "42_a", "really"]],
    ["German", "Größe der Straße, STRASSE, ẞ", ["grosse", "der", "strasse", "strasse", "ss"]],
    ["French", "Cœur d’été, naïve: nᵒ 5", ["coeur", "d", "ete", "naive", "no", "5"]],
    ["Turkish", "IŞIK ışık İstanbul istanbul", ["isik", "isik", "istanbul", "istanbul"]],
    ["Polish", "Łódź, zażółć", ["lodz", "zazolc"]],
    ["Danish", "København ÆRØ", ["kobenhavn", "aero"]],
    ["Vietnamese", "Tiếng Việt đẹp", ["tieng", "viet", "dep"]],
    ["Greek", "Ὀδυσσεύς ΟΔΥΣΣΕΎΣ", ["οδυσσευσ", "οδυσσευσ"]],
    ["Russian", "Ёлка мой мои", ["елка", "мой", "мои"]],
    ["Hebrew", "שָׁלוֹם שלום", ["שלום", "שלום"]],
    ["Arabic", "مُحَمَّد محـمد أحمد ٢٠٢٦", ["محمد", "محمد", "احمد", "2026"]],
    ["Persian", "کتاب كتاب", ["كتاب", "كتاب"]],
    ["Hindi", "हिन्दी में", ["हिन्दी", "में"]],
    ["Chinese", "東京, 2026年Word用", ["東", "京", "2026", "年", "word", "用"]],
    ["Japanese", "ｶﾞｽ ガス がす", ["ガ", "ス", "ガ", "ス", "が", "す"]],
    ["Korean", "서울에서 한글", ["서", "울", "에", "서", "한", "글"]],
    ["Thai", "ภาษาไทย", ["ภ", "า", "ษ", "า", "ไ", "ท", "ย"]],
  ])("%s is cut into words", (_, text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  test("any normal form of Unicode has the same words", () => {
    const text = "Größe Ёлка мой Việt 한글 ガス हिन्दी שָׁלוֹם";
    for (const form of ["NFC", "NFD", "NFKC", "NFKD"])
      expect(words(text.normalize(form))).toEqual(words(text));
  });
});

test("signs are what they stand for, and emoji part words", () => {
  expect(words("Ｆｕｌｌ ﬁt ① ㍿ abc™ x🎉y 1½")).toEqual([
    ...["full", "fit", "1", "株", "式", "会", "社", "abc", "tm", "x", "y", "11", "2"],
  ]);
});

describe("a character is cut alike by a Node that knows it (Unicode 17) and by one that does not (Unicode 16):", () => {
  test.each([
    ["an ideograph", "東\u{323b0}\u{3347a}x", ["東", "\u{323b0}", "\u{3347a}", "x"]],
    ["a letter", "a\u{11db0}B", ["a\u{11db0}b"]],
    ["a mark", "a\u{11db5} b\u1acfc", ["a\u{11db5}", "bc"]],
    ["an emoji", "a\u{1fac8}b", ["a", "b"]],
    ["the sign of a currency", "\u20c15", ["5"]],
    ["what neither knows, where letters stand", "a\u0378b \u{3fffd}", ["a\u0378b", "\u{3fffd}"]],
    ["what neither knows, where signs stand", "a\u20cfb\u{1f0ff}c\ufffed", ["a", "b", "c", "d"]],
  ])("%s", (_, text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  test("an address", () => {
    expect([...findAddresses("joe@\u0378.example")].map(({ text }) => text)).toEqual(["joe@\u0378.example"]);
  });
});

test("a word is found whole and in parts where something invisible stands in it", () => {
  expect(words("in\u00advoice")).toEqual(["invoice"]);
  expect(tokens("in\u00advoice")).toEqual(new Set(["ainvoice", "ain0", "avoice"]));
});

test("words know where they stand", () => {
  const text = "ein Maß-Krug 東京";
  expect([...cutWords(text)].map(({ start, end }) => text.slice(start, end))).toEqual([
    ...["ein", "Maß", "Krug", "東", "京"],
  ]);
});

test("characters without spaces between words are found two by two, also across the end of a line", () => {
  const pair = (text: string): string => tokenOf("anywhere", text);
  expect(tokens("東京\n都 x")).toEqual(new Set([pair("東京"), pair("京都"), pair("都"), "ax00"]));
  expect(pair("東京").startsWith(tokenStart("anywhere", "東"))).toBe(true);
});

test("addresses are found as a whole", () => {
  const text = "Mail <Joe+Tag@Example.ORG>, or a@b.example. @ @x y@ a@-";
  expect([...findAddresses(text)].map((address) => address.text)).toEqual([
    "joe+tag@example.org",
    "a@b.example",
  ]);
  expect(tokens(text)).toContain("ejoetagexampleorg");
});

test("tokens are ASCII letters and digits, 4 to 60 of them, whatever the words are", () => {
  const text = `a I _ __ the 東 ${"x".repeat(500)} ${"ж".repeat(500)} 😀 𠮷𠮷 \u{1f1e6} e\u0301 \u0301 ${"a\u0301".repeat(100)}`;
  for (const token of tokens(text)) expect(token).toMatch(/^[a-z][0-9a-z]{3,59}$/);
  expect(tokens("the")).toEqual(new Set(["athe"]));
});

describe("hostile texts take time in proportion to their length", () => {
  test.each([
    ["marks", "a\u0301\u0323".repeat(100_000)],
    ["marks of many classes", `a${"\u0315\u0300\u05ae\u0300\u0062".repeat(100_000)}`],
    ["signs of at", "@".repeat(300_000)],
    ["one address after the other", "a@".repeat(150_000)],
    ["a word without an end", "x".repeat(300_000)],
    ["joints", "x\u00ad".repeat(150_000)],
    ["jamo", "\u1100".repeat(300_000)],
    ["half of a pair", "\ud800".repeat(300_000)],
  ])("%s", (_, text) => {
    const start = performance.now();
    for (const _token of textTokens("anywhere", text));
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
