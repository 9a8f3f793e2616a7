import { describe, expect, it } from "vitest";
import { read, utf8 } from "./mail.ts";

function nameOf(...header: readonly string[]): string | null | undefined {
  return read(header, "x").parts[0]?.fileName;
}

describe("the name of an attachment", () => {
  it.each<[string, string, string | null]>([
    ["a token", "attachment; filename=a.pdf", "a.pdf"],
    ["quoted", 'attachment; filename="a; b.pdf"', "a; b.pdf"],
    ["with escaped signs", 'attachment; filename="a \\"b\\" \\\\c.pdf"', "c.pdf"],
    [
      "with quotation marks that are not escaped",
      'attachment; filename="a "b" c.pdf"; size=1',
      'a "b" c.pdf',
    ],
    ["with blanks and not quoted", "attachment; filename=my file (1).pdf; size=1", "my file (1).pdf"],
    ["whose quotation mark is never closed", 'attachment; filename="a.pdf', "a.pdf"],
    ["of RFC 2231", "attachment; filename*=utf-8''%E2%82%AC%20rates.pdf", "€ rates.pdf"],
    ["of RFC 2231 with a language", "attachment; filename*=ISO-8859-1'de'Gr%FC%DFe.pdf", "Grüße.pdf"],
    [
      "of RFC 2231 in sections",
      'attachment; filename*0="a long "; filename*1="name"; filename*2=.pdf',
      "a long name.pdf",
    ],
    [
      "of RFC 2231 in encoded sections",
      "attachment; filename*0*=utf-8''Gr%C3; filename*1*=%BC%C3%9F; filename*2=\"e.pdf\"",
      "Grüße.pdf",
    ],
    ["of RFC 2231 in another order", 'attachment; filename*1="b.pdf"; filename*0="a"', "ab.pdf"],
    [
      "of RFC 2231 in more than nine sections",
      `attachment; ${Array.from({ length: 12 }, (_, at) => `filename*${at}=${String.fromCharCode(97 + at)}`).join("; ")}`,
      "abcdefghijkl",
    ],
    ["of RFC 2231 in quotation marks", "attachment; filename*=\"utf-8''%E2%82%AC.pdf\"", "€.pdf"],
    ["of RFC 2231 without its asterisk", "attachment; filename=utf-8''%E2%82%AC.pdf", "€.pdf"],
    [
      "of RFC 2231 besides one for old programs",
      "attachment; filename=\"EUR.pdf\"; filename*=utf-8''%E2%82%AC.pdf",
      "€.pdf",
    ],
    ["in encoded words", 'attachment; filename="=?utf-8?Q?=E2=82=AC_rates.pdf?="', "€ rates.pdf"],
    [
      "in several encoded words",
      'attachment; filename="=?utf-8?b?4oKs?=\r\n =?utf-8?q?_rates.pdf?="',
      "€ rates.pdf",
    ],
    [
      "in encoded words quoted one by one",
      'attachment; filename="=?utf-8?b?4oKs?="\r\n "=?utf-8?q?_rates.pdf?="',
      "€ rates.pdf",
    ],
    [
      "in encoded words and not quoted",
      "attachment; filename==?utf-8?Q?=E2=82=AC_rates.pdf?=",
      "€ rates.pdf",
    ],
    ["in raw UTF-8", `attachment; filename="${utf8("Grüße.pdf")}"`, "Grüße.pdf"],
    ["in raw ISO 8859-1", 'attachment; filename="Gr\u00fc\u00dfe.pdf"', "Grüße.pdf"],
    ["folded", 'attachment;\r\n\tfilename="a\r\n b.pdf"', "a b.pdf"],
    ["with the folders of Unix", 'attachment; filename="../../etc/passwd"', "passwd"],
    ["with the folders of Windows", 'attachment; filename="C:\\Users\\joe\\a.pdf"', "a.pdf"],
    ["with folders that are encoded", "attachment; filename*=utf-8''..%2F..%5Ca.pdf", "a.pdf"],
    ["of folders alone", 'attachment; filename="../.."', null],
    ["of dots alone", 'attachment; filename=".."', null],
    ["with control characters", "attachment; filename*=utf-8''a%00%1B%5B2J%0Ab.pdf", "a[2J b.pdf"],
    ["that is turned round", "attachment; filename*=utf-8''invoice%E2%80%AEfdp.exe", "invoicefdp.exe"],
    ["that is empty", 'attachment; filename=""', null],
    ["of blanks", 'attachment; filename="  "', null],
    ["that begins with a dot", "attachment; filename=.profile", ".profile"],
    ["in another parameter's place", "filename=a.pdf", "a.pdf"],
  ])("%s", (_, disposition, name) => {
    expect(nameOf("Content-Type: application/pdf", `Content-Disposition: ${disposition}`)).toBe(name);
  });

  it("may stand in Content-Type alone", () => {
    expect(nameOf("Content-Type: application/pdf; name=a.pdf", "Content-Disposition: attachment")).toBe(
      "a.pdf",
    );
    expect(
      nameOf("Content-Type: application/pdf; name=a.pdf", "Content-Disposition: attachment; filename=b.pdf"),
    ).toBe("b.pdf");
    expect(nameOf("Content-Type: application/pdf")).toBeNull();
  });

  it("is cut where it is too long to read, and keeps its ending", () => {
    const name = nameOf(
      "Content-Type: application/pdf",
      `Content-Disposition: attachment; filename="${"a".repeat(5000)}.pdf"`,
    );
    expect(name).toMatch(/^a{150,}….pdf$/);
    expect(name?.length).toBeLessThanOrEqual(200);
    const wide = nameOf(
      "Content-Type: application/pdf",
      `Content-Disposition: attachment; filename="${utf8("😀".repeat(500))}"`,
    );
    expect(wide).not.toMatch(/\p{Surrogate}/u);
  });
});
