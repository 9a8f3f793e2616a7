import { decodeField, decodeFieldOctets, decodeWords } from "@mailonce/core/message";
import { describe, expect, test } from "vitest";

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

describe("encoded words", () => {
  test.each([
    ["=?UTF-8?B?5pel5pys?= =?UTF-8?B?6Kqe?=", "日本語"],
    ["=?utf-8?B?5pel5g==?= =?utf-8?B?nKzoqp7jga7ku7blkI0=?=", "日本語の件名"],
    ["=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?=", "Grüße"],
    ["=?utf-8?q?Gr=c3=bc=c3=9fe?=", "Grüße"],
    ["=?UTF-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"],
    ["=?utf-8?Q?Gr=C3=BC=C3=9Fe aus K=C3=B6ln?=", "Grüße aus Köln"],
    ['"=?utf-8?Q?J=C3=BCrgen?=" <j@example.org>', '"Jürgen" <j@example.org>'],
    ["=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"],
    ["=?utf-8?Q?Gr=C3=BC=C3=9Fe", "Grüße"],
    ["=?utf-8?B?R3LDvMOfZQ", "Grüße"],
    ["=?utf-8?B?R3LDvMOfZQ <a@b>", "Grüße <a@b>"],
    ["=?utf-8?B?R3LD vMOf ZQ==?=", "Grüße"],
    ["=?utf-8?B?R3LDvMOfZQ===?=", "Grüße"],
    ["=?utf-8?B?R3LDvMOfZQ?=", "Grüße"],
    ["=?utf-8?B?R3I==w7w=?=", "Grü"],
    ["=?utf-8?Q??=", ""],
    ["a =?utf-8?Q??= b", "a  b"],
    ["=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c"],
    ["=?x-unknown?Q?Gr=FC=DFe?=", "Grüße"],
    ["=??Q?Gr=FC=DFe?=", "Grüße"],
    ["=?us-ascii?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"],
    ["=?iso-8859-1?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"],
    ["=?utf-8?Q?Gr=FC=DFe?=", "Grüße"],
    ["=?gb2312?B?xPq6w6Os5me7+c/Iyfo=?=", "您好，鎔基先生"],
    ["=?utf-8?Q?=3D=3Futf-8=3FQ=3FGr=3DC3=3DBC=3F=3D?=", "Grü"],
    ["=?utf-8?Q?What?=20now?=", "What? now"],
    ["=?utf-8?Q?=48allo?=", "Hallo"],
    ["=?iso-2022-jp?B?GyRCRnxLXDhsGyhC?=", "日本語"],
    ["=?iso-2022-jp?B?GyRCRnxL?= =?iso-2022-jp?B?XDhsGyhC?=", "日本語"],
    ["=?utf-8?X?abc?=", "=?utf-8?X?abc?="],
    ["1 =? 2 ?= 3", "1 =? 2 ?= 3"],
    ["=?utf-8?B?5pel5py?= =?utf-8?B?s6Kqe?=", "日本語"],
    ["=?utf-8?Q?Hello_W=C3=B6rld?= =?iso-8859-1?Q?_Gr=FC=DFe?=", "Hello Wörld Grüße"],
    ["Re: =?utf-8?Q?=C3=BC?=: x", "Re: ü: x"],
    ["=?koi8-r?B?8NLJ18XU?=", "Привет"],
    ["=?utf-8?Q?abc =?utf-8?Q?def?=", "abcdef"],
    ["=?windows-1252?Q?It=92s?=", "It’s"],
    ["=?utf-8?Q?=F0=9F=98=80?=", "😀"],
    ["=?utf-8?B?7aC97biA?=", "😀"],
    ["=?utf-8?Q?Zaproszenie=20-=20=C5?= =?utf-8?Q?=82=C3=B3d=C5=BA?=", "Zaproszenie - łódź"],
    ["=?utf-7?Q?Gr+APwA3w-e?=", "Grüße"],
    ["=?unicode-1-1-utf-7?Q?Gr+APwA3w-e?=", "Grüße"],
    ["=?UTF-8?Q?Prix=5F?=\t=?UTF-8?Q?r=C3=A9duit?=", "Prix_réduit"],
    ["(=?utf-8?Q?a?=)", "(a)"],
    ["=?utf-8?B?5pel5pys6Kqe44Gu5Lu2?==?utf-8?B?5ZCN?=", "日本語の件名"],
    ["=?euc-kr?B?vsiz58fPvLy/5A==?=", "안녕하세요"],
    ["=?big5?B?tPq41bY=?= =?big5?B?bKXz?=", "測試郵件"],
    ["=?iso-8859-1?Q?caf=E9?= =?iso-8859-1?Q?=E9?=", "caféé"],
    ["=?utf-8?Q?=E2=82?= =?utf-8?Q?=AC_100?=", "€ 100"],
    ["=?utf-8?Q?=F0=9F?= =?utf-8?B?mIA=?=", "😀"],
    ["=?gb2312?B?xOM=?= =?gb2312?B?usM=?=", "你好"],
    ["=?gb2312?Q?=C4?= =?gb2312?Q?=E3?=", "你"],
    ["=?utf-8?q?=?=", "="],
    ["=?utf-8?q?a=?=", "a="],
    ["=?utf-8?q?a=zz?=", "a=zz"],
    ["=? utf-8 ? q ?a?=", "a"],
    ["=?=?utf-8?q?a?=", "=?a"],
    ["=?utf-8?b?YQ?=?=", "a?="],
  ])("%j are %j", (text, expected) => {
    expect(decodeWords(text)).toBe(expected);
    expect(decodeField(latin1(`  ${text}\r\n`))).toBe(expected.trim() === "" ? "" : expected.trim());
  });

  test.each([
    "=?utf-8?X?abc?=",
    "1 =? 2 ?= 3",
    "=?",
    "?=",
    "=?utf-8?",
    "=?utf-8?Q",
    "=?utf-8?B?%%%?=",
    "a=?b",
  ])("%j is none", (text) => {
    expect(decodeWords(text)).toBe(text);
  });

  test("that are folded stand without a blank between them", () => {
    expect(
      decodeField(latin1(" =?utf-8?Q?Gr=C3?=\r\n\t=?utf-8?Q?=BC=C3=9Fe?=\r\n =?utf-8?Q?_aus?=  K")),
    ).toBe("Grüße aus  K");
  });

  test("hide no line end and no NUL", () => {
    expect(decodeField(latin1("=?utf-8?Q?a=0D=0ABcc:_x=00y?="))).toBe("a Bcc: x y");
  });
});

describe("raw octets", () => {
  test("are read without the encoded words beside them, which stay as they stand", () => {
    const words = "=?utf-8?Q?Doe,_J=C3=BC?=";
    expect(decodeFieldOctets(latin1(` Gr\xfc\xdfe,\r\n ${words} \0`), () => null)).toBe(`Grüße, ${words}`);
    expect(decodeFieldOctets(latin1("\xf0\xd2\xc9\xd7\xc5\xd4"), () => "koi8-r")).toBe("Привет");
    expect(decodeFieldOctets(latin1(" \r\n"), () => null)).toBe("");
  });

  test("stand beside encoded words", () => {
    expect(decodeField(latin1("Gr\xfc\xdfe =?utf-8?Q?aus_K=C3=B6ln?="))).toBe("Grüße aus Köln");
    expect(decodeField(Buffer.from("Grüße =?iso-8859-1?Q?aus_K=F6ln?="))).toBe("Grüße aus Köln");
    expect(decodeField(latin1("=?koi8-r?B?8NLJ18XU?= \xf0\xd2\xc9\xd7\xc5\xd4"), "koi8-r")).toBe(
      "Привет Привет",
    );
  });

  test("are read by the label that is given", () => {
    expect(decodeField(Buffer.from("uePIptX9", "base64"), "gb2312")).toBe("广圈正");
    expect(decodeField(latin1("~{<:Ky~}"), "hz-gb-2312")).toBe("己所");
    expect(decodeField(latin1("~{<:Ky~} C:~foo"))).toBe("~{<:Ky~} C:~foo");
  });

  test("may look like encoded words where they are Japanese", () => {
    expect(decodeField(latin1("\x1b$B=?=?\x1b(B"))).toBe("戎戎");
  });

  test("of UTF-8 may be folded within a character", () => {
    expect(decodeField(Buffer.concat([latin1("Gr\xc3\r\n \xbc"), Buffer.from("ße")]))).toBe("Grüße");
    expect(decodeField(Buffer.from("Grüße\r\n über"))).toBe("Grüße über");
  });
});
