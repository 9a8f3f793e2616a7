import { decodeCharset } from "@mailonce/core/message";
import { describe, expect, test } from "vitest";

/** The label in a message, the charset as which it is read, the octets in base64 (made with iconv), and the text. */
const LABELLED: readonly (readonly [label: string, charset: string, base64: string, text: string])[] = [
  [
    "iso-8859-1",
    "windows-1252",
    "R3L232UgdW5kIE1h32U6INxiZXJ3ZWlzdW5nIGJlc3TkdGlndA==",
    "Größe und Maße: Überweisung bestätigt",
  ],
  ["windows-1252", "windows-1252", "hEdy/N9lkyCWIDEwMCCA", "„Grüße“ – 100 €"],
  ["ibm850", "ibm850", "R3KB4WUgYXVzIEuUbG4=", "Grüße aus Köln"],
  ["cp-850", "ibm850", "R3KB4WUgYXVzIEuUbG4=", "Grüße aus Köln"],
  ["cp437", "ibm437", "R3KB4WUgYXVzIEuUbG4=", "Grüße aus Köln"],
  ["macintosh", "macintosh", "R3Kfp2UgYXVzIEuabG4=", "Grüße aus Köln"],
  ["iso-8859-15", "iso-8859-15", "T/kgZXN0IGxlIGO9dXIgPyAxMCCk", "Où est le cœur ? 10 €"],
  ["latin1", "windows-1252", "Uul1bmlvbiByZXBvcnTpZSDgIGpldWRp", "Réunion reportée à jeudi"],
  ["iso8859-1", "windows-1252", "UOVtaW5kZWxzZSBvbSBt+GRlIHDlIG9uc2RhZw==", "Påmindelse om møde på onsdag"],
  ["iso-8859-2", "iso-8859-2", "WmG/87PmIGfqtmyxIGphvPE=", "Zażółć gęślą jaźń"],
  ["cp1250", "windows-1250", "UHJvc3rqIG8gcGlsbrkgb2Rwb3dpZWSf", "Proszę o pilną odpowiedź"],
  ["cp852", "ibm852", "UP2hbGnnIKdsdZxvdZ9r7CBrheU=", "Příliš žluťoučký kůň"],
  ["windows-1250", "windows-1250", "wXJ27Xp0+3L1IHT8a/ZyZvpy82fpcA==", "Árvíztűrő tükörfúrógép"],
  ["iso-8859-16", "iso-8859-16", "QnVu4yBkaW1pbmVh/mE=", "Bună dimineața"],
  ["iso-8859-9", "windows-1254", "U2lwYXJp/iBvbmF5/SB2ZSBn/G5jZWxsZW1l", "Sipariş onayı ve güncelleme"],
  ["windows-1257", "windows-1257", "Vf5zYWt5bW8gcGF0dmlydGluaW1hcw==", "Užsakymo patvirtinimas"],
  ["iso-8859-13", "iso-8859-13", "UGFz+3TuanVtYSBhcHN0aXByaW7ianVtcw==", "Pasūtījuma apstiprinājums"],
  ["koi8-r", "koi8-r", "9MXT1M/Xz8Ug08/Pwt3FzsnF", "Тестовое сообщение"],
  ["windows-1251", "windows-1251", "0fe48iDt4CDu7+vg8vMguTE1", "Счёт на оплату №15"],
  ["cp866", "ibm866", "j+Coo6ug6KClrCCtoCDhpayoraDg", "Приглашаем на семинар"],
  ["iso-8859-5", "iso-8859-5", "stDoINfQ2tDXIN/g2N3v4g==", "Ваш заказ принят"],
  ["x-mac-cyrillic", "x-mac-cyrillic", "j/Do4uXyIOjnIIzu8eri+w==", "Привет из Москвы"],
  ["koi8-u", "koi8-u", "+sHQ0s/bxc7O0SDOwSDa1dPU0qbeINUg68mk16Y=", "Запрошення на зустріч у Києві"],
  ["iso-8859-7", "iso-8859-7", "xfDp4uXi4d/58+cg8OHx4ePj5evf4fI=", "Επιβεβαίωση παραγγελίας"],
  ["windows-1253", "windows-1253", "yuHr5+zd8eEg8+Hy", "Καλημέρα σας"],
  ["iso-8859-8-i", "windows-1255", "+ubr5fj6IOz04un55CDu5/g=", "תזכורת לפגישה מחר"],
  ["windows-1255", "windows-1255", "4On55fgg5Obu8OQ=", "אישור הזמנה"],
  ["windows-1256", "windows-1256", "x8zK48faIO3m4yDH4cfL5O3k", "اجتماع يوم الاثنين"],
  ["iso-8859-6", "iso-8859-6", "ysPj6s8gx+TX5Mg=", "تأكيد الطلب"],
  ["windows-874", "windows-874", "wte5wtG5odLDytHop6vX6c0=", "ยืนยันการสั่งซื้อ"],
  ["tis-620", "windows-874", "ysfRyrTVpMPRug==", "สวัสดีครับ"],
  ["utf-8", "utf-8", "WMOhYyBuaOG6rW4gxJHGoW4gaMOgbmc=", "Xác nhận đơn hàng"],
  ["gb2312", "gb18030", "udjT2tXZv6rE6rbIu+HS6bXEzajWqg==", "关于召开年度会议的通知"],
  ["gb2312", "gb18030", "1uzpRrv5z8jJ+sT6usM=", "朱镕基先生您好"],
  ["gbk", "gb18030", "xPq1xLBsxrHS0elfvt8=", "您的發票已開具"],
  ["gb18030", "gb18030", "suLK1CCVMoI2IJg17jc=", "测试 𠀀 𪚥"],
  ["big5", "big5", "tPq41bZspfM=", "測試郵件"],
  ["big5-hkscs", "big5", "rbu05J3vtmyl8w==", "香港嘅郵件"],
  ["iso-2022-cn", "iso-2022-cn", "GyQpQQ4yYkpUU0o8fg8=", "测试邮件"],
  ["iso-2022-jp", "iso-2022-jp", "GyRCRnxLXDhsJE43b0w+GyhC", "日本語の件名"],
  ["csISO2022JP", "iso-2022-jp", "GyRCMnE1RCROJCpDTiRpJDsbKEI=", "会議のお知らせ"],
  ["shift_jis", "shift_jis", "h0CU1Jbagsz7/Iu0grOC8Q==", "①番目の髙橋さん"],
  ["x-sjis", "shift_jis", "gqiW4oKijYeC7YK5gqCC6IKqgsaCpIKygrSCooLcgrc=", "お問い合わせありがとうございます"],
  ["euc-jp", "euc-jp", "wMG14b3xwffJ1aTOpLSwxsbi", "請求書送付のご案内"],
  ["ks_c_5601-1987", "euc-kr", "jGO55rCix88gyLjAxyDAz8GkIL7Is7s=", "똠방각하 회의 일정 안내"],
  ["euc-kr", "euc-kr", "vsiz58fPvLy/5A==", "안녕하세요"],
  ["iso-2022-kr", "iso-2022-kr", "GyQpQw5BVjkuDyAOSC5ATg8gDjheQE9AVDRPNFkP", "주문 확인 메일입니다"],
  ["utf-8", "utf-8", "R3LDvMOfZSDml6XmnKzoqp4g0J/RgNC40LLQtdGCIPCfmoA=", "Grüße 日本語 Привет 🚀"],
  ["utf8mb4", "utf-8", "R3LDvMOfZSDwn5qA", "Grüße 🚀"],
  ["unicode-1-1-utf-7", "utf-7", "R3IrQVB3QTN3LWUgK1plVm5MSXFlLQ==", "Grüße 日本語"],
  ["utf-16", "utf-16le", "//5HAHIA/ADfAGUAIADlZSxnnoo=", "Grüße 日本語"],
  ["utf-16le", "utf-16le", "RwByAPwA3wBlACAA5WUsZ56K", "Grüße 日本語"],
  ["utf-16be", "utf-16be", "AEcAcgD8AN8AZQAgZeVnLIqe", "Grüße 日本語"],
  ["utf-32", "utf-32le", "//4AAEcAAAByAAAA/AAAAN8AAABlAAAAIAAAAID2AQA=", "Grüße 🚀"],
  ["windows-1258", "windows-1258", "WOFjIG5o4vJuIPD1biBo4G5n", "Xác nhận đơn hàng"],
  ["cp1258", "windows-1258", "Tmd1eerebiBW424gSPluZw==", "Nguyễn Văn Hùng"],
  ["x-cp1258", "windows-1258", "VHLibiB0cm/ybmcgY2HSbSD1bg==", "Trân trọng cảm ơn"],
  ["shift_jis", "shift_jis", "sbKztLUgvL3D0Q==", "ｱｲｳｴｵ ｼｽﾃﾑ"],
  ["x-sjis", "shift_jis", "wMW2IMDbsw==", "ﾀﾅｶ ﾀﾛｳ"],
  ["windows-31j", "shift_jis", "zNi23sU6IL293rc=", "ﾌﾘｶﾞﾅ: ｽｽﾞｷ"],
  ["windows-1251", "windows-1251", "z9DOw9DAzMzAIMrOzdTF0MXN1sjI", "ПРОГРАММА КОНФЕРЕНЦИИ"],
  ["koi8-r", "koi8-r", "9+7p7eHu6eU=", "ВНИМАНИЕ"],
  ["ibm866", "ibm866", "kZCOl42OhSCRjo6BmYWNiIUggpGFjA==", "СРОЧНОЕ СООБЩЕНИЕ ВСЕМ"],
  ["eucjp-ms", "euc-jp", "raGP9Pu2tg==", "①髙橋"],
  ["eucJP-win", "euc-jp", "req7s4/0vSCtuCDNzQ==", "㈱山﨑 Ⅳ 様"],
  ["cp51932", "euc-jp", "raHI1szcpM6P9Pu2tqS1pPM=", "①番目の髙橋さん"],
  ["x-euc-jp", "euc-jp", "j/T7", "髙"],
  ["cp037", "ibm037", "yIWTk5ZrQKaWmZOEWkC68btAUQ==", "Hello, world! [1] é"],
  ["IBM037", "ibm037", "yIWTk5Y=", "Hello"],
  ["ebcdic-cp-us", "ibm037", "ydXl1snDxUD09/Hx", "INVOICE 4711"],
  ["ibm-1047", "ibm1047", "ga3xvUB+QMCn0EBfQE8=", "a[1] = {x} ^ |"],
  ["cp500", "ibm500", "1t1AgZOThalgpZakokBKSIFaQE8=", "Où allez-vous [ça] !"],
  ["cp273", "ibm273", "x5nQoYVAgaSiQNJqk5VAQ/Hc", "Grüße aus Köln {1}"],
  ["CCSID01140", "ibm1140", "8fDwQJ8=", "100 €"],
  ["eucjp-ms", "euc-jp", "raH84ra2", "①髙橋"],
  // iconv could not make these: HZ, and half-width katakana and NEC's characters in ISO-2022-JP.
  ["hz-gb-2312", "hz-gb-2312", "fns8Okt5Mjt+fSArfn4=", "己所不 +~"],
  ["hz", "hz-gb-2312", "fns8Okt5fn0gYQ==", "己所 a"],
  ["iso-2022-jp-ms", "iso-2022-jp", "GyRCLSEbKEIgGyhJMTIbKEI=", "① ｱｲ"],
];

/** Texts without a label, or with a wrong one: the charset, the octets in base64 (made with iconv), and the text. */
const UNLABELLED: readonly (readonly [charset: string, base64: string, text: string])[] = [
  ["windows-1252", "R3L232UgdW5kIE1h32U=", "Größe und Maße"],
  ["windows-1252", "Uul1bmlvbiBkZW1haW4g4CAxMGg=", "Réunion demain à 10h"],
  ["windows-1252", "SW5mb3JtYWNp824gc29icmUgc3UgY3VlbnRh", "Información sobre su cuenta"],
  ["windows-1252", "Q29uZmlybWHn428gZGUgaW5zY3Jp5+Nv", "Confirmação de inscrição"],
  ["windows-1252", "yCBhcnJpdmF0YSBsYSBub3ZpdOA=", "È arrivata la novità"],
  ["windows-1252", "UOVtaW5uZWxzZSBvbSBy5GtuaW5n", "Påminnelse om räkning"],
  ["windows-1252", "SXSScyBoZXJlIJYgk3JlYWxseZQ=", "It’s here – “really”"],
  ["windows-1252", "MTAwIIA=", "100 €"],
  ["iso-8859-2", "WmG/87PmIGfqtmyxIGphvPE=", "Zażółć gęślą jaźń"],
  ["iso-8859-2", "UPjtbGm5IL5sdbtvdehr/SBr+fI=", "Příliš žluťoučký kůň"],
  ["windows-1250", "ROxrdWplbWUgemEgduGaIHrhamVt", "Děkujeme za váš zájem"],
  ["CP850", "R3KB4WUgYXVzIEuUbG4=", "Grüße aus Köln"],
  ["KOI8-R", "9MXT1M/Xz8Ug08/Pwt3FzsnF", "Тестовое сообщение"],
  ["KOI8-R", "8NLJ18XU", "Привет"],
  ["CP1251", "0uXx8u7i7uUg8e7u4fnl7ejl", "Тестовое сообщение"],
  ["CP1251", "0fe48iDt4CDu7+vg8vM=", "Счёт на оплату"],
  ["CP866", "j+Coo6ug6KClrCCtoCDhpayoraDg", "Приглашаем на семинар"],
  ["ISO-8859-5", "stDoINfQ2tDXIN/g2N3v4g==", "Ваш заказ принят"],
  ["CP1253", "xfDp4uXi4d/58+cg8OHx4ePj5evf4fI=", "Επιβεβαίωση παραγγελίας"],
  ["CP1254", "U2lwYXJp/iBvbmF5/SB2ZSBn/G5jZWxsZW1l", "Sipariş onayı ve güncelleme"],
  ["CP1255", "+ubr5fj6IOz04un55CDu5/g=", "תזכורת לפגישה מחר"],
  ["CP1256", "x8zK48faIO3m4yDH4cfL5O3k", "اجتماع يوم الاثنين"],
  ["CP874", "wte5wtG5odLDytHop6vX6c0=", "ยืนยันการสั่งซื้อ"],
  ["GBK", "udjT2tXZv6rE6rbIu+HS6bXEzajWqg==", "关于召开年度会议的通知"],
  ["GBK", "xPq6ww==", "您好"],
  ["GBK", "1cXI/Q==", "张三"],
  ["BIG5", "tPq41bZspfM=", "測試郵件"],
  ["BIG5", "rXGz5r1Uu3uzcaq+", "訂單確認通知"],
  ["CP932", "k/qWe4zqgsyMj5a8", "日本語の件名"],
  ["CP932", "gqiW4oKijYeC7YK5gqCC6IKqgsaCpIKygrSCooLcgrc=", "お問い合わせありがとうございます"],
  ["EUC-JP", "wMG14b3xwffJ1aTOpLSwxsbi", "請求書送付のご案内"],
  ["EUC-JP", "pcaluaXI", "テスト"],
  ["CP949", "vsiz58fPvLy/5A==", "안녕하세요"],
  ["CP949", "yLjAxyDAz8GkIL7Is7s=", "회의 일정 안내"],
];

const octets = (base64: string): Buffer => Buffer.from(base64, "base64");
const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

describe("octets under their label", () => {
  test.each(LABELLED)("%s is read as %s", (label, charset, base64, text) => {
    expect(decodeCharset(octets(base64), label)).toEqual({ text, charset, certain: true });
  });

  test.each([
    ["'utf-8'", "utf-8"],
    ['"UTF-8"', "utf-8"],
    ["charset=utf8;", "utf-8"],
    ["utf-8*en", "utf-8"],
    ["ISO_8859-1:1987", "windows-1252"],
    ["x-cp1251", "windows-1251"],
    ["win1250", "windows-1250"],
    ["IBM-852", "ibm852"],
    ["dos-866", "ibm866"],
    ["866", "ibm866"],
    ["x-mac-ce", "x-mac-ce"],
    ["cp932", "shift_jis"],
    ["x-gbk", "gb18030"],
    ["cp949", "euc-kr"],
    ["csKSC56011987", "euc-kr"],
    ["cp950", "big5"],
    ["iso-ir-101", "iso-8859-2"],
  ])("the label %j means %s", (label, charset) => {
    // These octets are letters in each of the charsets.
    expect(decodeCharset(Buffer.from("plain"), label).charset).toBe(charset);
  });

  test("of EBCDIC are no other script, whatever its country: what is not known there is shown as such", () => {
    const greeting = octets("xIWBmUDUoktA0tyIlQ==");
    for (const label of ["cp875", "ibm1025", "EBCDIC-CP-GR"])
      expect(decodeCharset(greeting, label)).toMatchObject({ text: "Dear Ms. K\ufffdhn", certain: false });
    // Here only the label says EBCDIC.
    expect(decodeCharset(latin1("Größe und Maße"), "cp037").text).toBe("Größe und Maße");
    expect(decodeCharset(Buffer.from("plain"), "cp037")).toMatchObject({
      text: "plain",
      charset: "us-ascii",
    });
  });

  test.each([
    "default",
    "unicode",
    "x-unknown",
    "unknown-8bit",
    "none",
    "",
    "constructor",
    "__proto__",
    "base64",
    "x".repeat(5000),
  ])("the label %.20j says nothing", (label) => {
    expect(decodeCharset(Buffer.from("Grüße"), label)).toEqual({
      text: "Grüße",
      charset: "utf-8",
      certain: true,
    });
    expect(decodeCharset(latin1("Grüße"), label)).toMatchObject({ text: "Grüße", certain: false });
  });
});

describe("octets without a label, or under a wrong one,", () => {
  test.each(UNLABELLED)("%s are read by what they look like: %s", (_charset, base64, text) => {
    for (const label of [null, undefined, "us-ascii", "x-unknown", "utf-8"])
      expect(decodeCharset(octets(base64), label)).toMatchObject({ text, certain: false });
  });

  test.each([
    "us-ascii",
    "iso-8859-1",
    "windows-1252",
    "koi8-r",
    "gb2312",
    "shift_jis",
    "iso-2022-jp",
    "ks_c_5601-1987",
    null,
  ])("are UTF-8 where they are UTF-8, also under %s", (label) => {
    for (const text of ["Größe und Maße, Öl", "日本語の件名", "Тестовое сообщение"])
      expect(decodeCharset(Buffer.from(text), label)).toEqual({ text, charset: "utf-8", certain: true });
  });

  test.each([
    ["iso-8859-1", "koi8-r", "Тестовое сообщение", "9MXT1M/Xz8Ug08/Pwt3FzsnF"],
    ["iso-8859-1", "gb18030", "关于召开年度会议的通知", "udjT2tXZv6rE6rbIu+HS6bXEzajWqg=="],
    ["windows-1252", "windows-1253", "Επιβεβαίωση παραγγελίας", "xfDp4uXi4d/58+cg8OHx4ePj5evf4fI="],
    ["windows-1251", "koi8-r", "Привет из Москвы", "8NLJ18XUIMnaIO3P08vX2Q=="],
    ["koi8-r", "windows-1251", "Потвърждение на поръчката ви", "z+7y4vrw5uTl7ejlIO3gIO/u8Pr36uDy4CDi6A=="],
    [
      "koi8-r",
      "windows-1251",
      "Добрый день! Направляем вам счёт.",
      "xO7h8PvpIOTl7fwhIM3g7/Dg4uv/5ewg4uDsIPH3uPIu",
    ],
    ["windows-1251", "koi8-r", "Счёт на оплату за январь", "896j1CDOwSDP0MzB1NUg2sEg0c7XwdLY"],
    ["windows-1251", "koi8-u", "Запрошення на зустріч у Києві", "+sHQ0s/bxc7O0SDOwSDa1dPU0qbeINUg68mk16Y="],
    ["koi8-r", "iso-8859-5", "Приглашаем на семинар в январе", "v+DY09vQ6NDV3CDd0CDh1dzY3dDgINIg793S0ODV"],
    ["windows-1251", "ibm866", "Приглашаем на семинар в январе", "j+Coo6ug6KClrCCtoCDhpayoraDgIKIg762ioOCl"],
  ])("say %s and are %s", (label, charset, text, base64) => {
    expect(decodeCharset(octets(base64), label)).toEqual({ text, charset, certain: false });
  });

  test("keep a label that fits, though others would, too", () => {
    for (const text of ["Føroyar", "Përshëndetje", "qüestió", "5 µm ± 2 °C", "ÜBERWEISUNG", "½ £ ¿", "é"])
      expect(decodeCharset(latin1(text), "iso-8859-1")).toEqual({
        text,
        charset: "windows-1252",
        certain: true,
      });
    // The octets of these letters are letters in Greek charsets, too.
    expect(decodeCharset(octets("VPxya+dlIP7w/d325/w="), "iso-8859-9").text).toBe("Türkçe şğıİöçü");
  });

  test("keep it for signs beside letters, too", () => {
    for (const text of ["Revenue (£m)", "£k per year", "Brand®x and ®Other", "½l", "§a"])
      for (const label of ["iso-8859-1", "windows-1252"])
        expect(decodeCharset(latin1(text), label).text).toBe(text);
  });

  test("are no other charset for one accent", () => {
    for (const label of ["gb2312", "big5", "euc-kr", "shift_jis", "utf-8", null]) {
      expect(decodeCharset(latin1("café"), label).text).toBe("café");
      expect(decodeCharset(latin1("Größe"), label).text).toBe("Größe");
    }
  });

  test("switch to Japanese and Korean by what switches", () => {
    expect(decodeCharset(latin1("\x1b$BF|K\\8l\x1b(B"), null)).toMatchObject({
      text: "日本語",
      charset: "iso-2022-jp",
    });
    expect(decodeCharset(latin1("\x1b$BF|K\\8l\x1b(B"), "utf-8").text).toBe("日本語");
    expect(decodeCharset(latin1("\x1b$)C\x0eGQ1[\x0f"), "us-ascii").text).toBe("한글");
    expect(decodeCharset(latin1("\x1b[1mbold"), null).text).toBe("\x1b[1mbold");
  });

  test.each([
    ["~{9XSZUY?*Dj6H;aRi5DM(V*~}", "关于召开年度会议的通知"],
    ["Re: ~{<:Ky2;S{#,NpJ)SZHK!#~} ok", "Re: 己所不欲，勿施于人。 ok"],
    ["~{UEN0~} ~~ ~{;aRi~}", "张伟 ~ 会议"],
  ])("are HZ where no tilde means anything else: %j", (octets, text) => {
    for (const label of [null, "us-ascii"])
      expect(decodeCharset(latin1(octets), label)).toMatchObject({ text, charset: "hz-gb-2312" });
  });

  test.each(["~{<:Ky~} C:~foo", "~/mail and ~{HOME~}/x", "a ~{ b ~} c", "~{<:~}", "~~"])(
    "are ASCII where a tilde is one: %j",
    (text) => {
      expect(decodeCharset(latin1(text), null).text).toBe(text);
    },
  );

  test("are UTF-16 where every other octet is zero, and not where the label alone says so", () => {
    expect(decodeCharset(Buffer.from("hi! yo", "utf16le"), null).text).toBe("hi! yo");
    expect(decodeCharset(Buffer.from("Grüße"), "utf-16").text).toBe("Grüße");
    expect(decodeCharset(Buffer.from("\ufeffGrüße"), "us-ascii").text).toBe("Grüße");
  });
});

describe("damaged octets", () => {
  test.each([
    ["日本語", 8, "utf-8", "日本"],
    ["日本語", 7, null, "日本"],
    ["Grüße", 3, "utf-8", "Gr"],
    ["Привет", 11, "us-ascii", "Приве"],
  ])("of %j that end after %i are read without the rest", (text, end, label, expected) => {
    expect(decodeCharset(Buffer.from(text).subarray(0, end), label)).toEqual({
      text: expected,
      charset: "utf-8",
      certain: true,
    });
  });

  test("of a character of GBK at the end are left out", () => {
    expect(decodeCharset(octets("xOO6w8Q="), "gb2312").text).toBe("你好");
  });

  test("of two charsets are read in both", () => {
    const mixed = Buffer.concat([Buffer.from("Größe und Maße; "), latin1("Größe")]);
    for (const label of ["utf-8", null])
      expect(decodeCharset(mixed, label)).toEqual({
        text: "Größe und Maße; Größe",
        charset: "utf-8",
        certain: false,
      });
  });

  test("of characters in two surrogates are whole characters", () => {
    expect(decodeCharset(octets("R3LDvMOfZSDtoL3tuoA="), "utf-8").text).toBe("Grüße 🚀");
  });

  test("in the middle of many do not change how the rest is read", () => {
    const body = Buffer.concat([
      Buffer.from("日本語の本文です。".repeat(50)),
      Buffer.from([0xff]),
      Buffer.from("終わり"),
    ]);
    expect(decodeCharset(body, "utf-8").text).toBe(`${"日本語の本文です。".repeat(50)}\ufffd終わり`);
    const gbk = Buffer.concat([
      ...new Array<Buffer>(50).fill(octets("udjT2tXZv6o=")),
      Buffer.from([0xff]),
      octets("udjT2g=="),
    ]);
    expect(decodeCharset(gbk, "gb2312")).toMatchObject({ charset: "gb18030", certain: true });
  });
});
