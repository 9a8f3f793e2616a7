import { describe, expect, it } from "vitest";
import { read, readHtml } from "./mail.ts";

describe("HTML reads like text", () => {
  it.each<[string, string, string]>([
    ["paragraphs and line breaks", "<p>Hello<br>World</p><p>Second</p>", "Hello\nWorld\n\nSecond"],
    ["white space of the source", "<p>a\r\n   b\t c</p>\n\n<p> d </p>", "a b c\n\nd"],
    ["white space between words in tags", "<b>a </b><i> b</i> <u>c</u>", "a b c"],
    [
      "empty lines, however they are made",
      "<div>a</div><div><br></div><div>b</div><p>&nbsp;</p><p>c</p>",
      "a\n\nb\n\nc",
    ],
    ["many empty lines as one", "a<br><br><br><br>b<p></p><p>&nbsp;</p><p>&#8203;</p>c", "a\n\nb\n\nc"],
    ["a line break at the end of a block", "<div>a<br></div><div>b</div>", "a\nb"],
    ["blanks that do not break", "a&nbsp;&nbsp;b<br>&nbsp;&nbsp;c", "a  b\n  c"],
    ["headings", "<h1>Title</h1>Text<h2>Part</h2>More", "Title\n\nText\n\nPart\n\nMore"],
    ["a rule", "a<hr>b", `a\n${"-".repeat(40)}\nb`],
    ["preformatted text", "<pre>\nif (a)\n    b\n\n\n    c\n</pre>d", "if (a)\n    b\n\n\n    c\n\nd"],
    ["text preformatted by its style", '<div style="white-space: pre-wrap">a\n  b</div>', "a\n  b"],
    [
      "quotations",
      "a<blockquote>b<br>c<blockquote>d</blockquote></blockquote>e",
      "a\n\n> b\n> c\n>\n> > d\n\ne",
    ],
    [
      "a definition list",
      "<dl><dt>Term<dd>Meaning<dt>Other<dd>Else</dl>",
      "Term\n    Meaning\nOther\n    Else",
    ],
    ["paragraphs that are never closed", "<p>a<p>b<div>c</span></b>d", "a\n\nb\n\ncd"],
    [
      "lines that Word writes as paragraphs",
      "<p class=MsoNormal>a<o:p></o:p></p><p class=MsoNormal>b</p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>c",
      "a\nb\n\nc",
    ],
    [
      "paragraphs without margins",
      '<p style="margin:0">a</p><p style="margin: 0cm 0cm 8pt">b</p><p>c',
      "a\n\nb\n\nc",
    ],
    ["hyphenation and joiners", "Donau&shy;dampf می&zwnj;خواهم", "Donau\u00addampf می\u200cخواهم"],
    ["a text input with its value", '<input type="hidden" value="x"><input value="Name">', "Name"],
  ])("%s", (_, html, text) => {
    expect(readHtml(html)).toBe(text);
  });

  it.each<[string, string, string]>([
    ["a list", "<ul><li>one</li><li>two</li></ul>", "- one\n- two"],
    ["a list without end tags", "Do:<ul><li>one<li>two</ul>then", "Do:\n\n- one\n- two\n\nthen"],
    ["lists in lists", "<ul><li>a<ul><li>b<ol><li>c</ol></ul><li>d</ul>", "- a\n  - b\n    1. c\n- d"],
    ["numbers", "<ol><li>a<li>b</ol>", "1. a\n2. b"],
    [
      "numbers from another than one",
      '<ol start="9"><li>a<br>more<li>b<br>more</ol>',
      "9. a\n   more\n10. b\n    more",
    ],
    ["numbers that are stated", '<ol><li value="4">a<li>b</ol>', "4. a\n5. b"],
    [
      "numbers that count down",
      "<ol reversed><li>a<ul><li>x</ul><li>b<li>c</ol>",
      "3. a\n   - x\n2. b\n1. c",
    ],
    ["numbers that count down from one", '<ol reversed start="9"><li>a<li>b</ol>', "9. a\n8. b"],
    [
      "lists of which some count down",
      '<ol style="display:none"><li>h</ol><ol><li>a<ol reversed><li>b<li>c</ol><li>d</ol><p>-<ol reversed=""><li>e<li>f</ol>',
      "1. a\n   2. b\n   1. c\n2. d\n\n-\n\n2. e\n1. f",
    ],
    ["letters", '<ol type="a"><li>x<li>y</ol>', "a. x\nb. y"],
    ["Roman numerals", '<ol type="I" start="4"><li>x<li>y</ol>', "IV. x\nV. y"],
    ["a list of links without marks", '<ul style="list-style: none"><li>a<li>b</ul>', "a\nb"],
    ["items without a list", "<li>a<li>b", "- a\n- b"],
    ["paragraphs in items", "<ul><li><p>a</p><p>b</p></li><li>c</ul>", "- a\n\n  b\n\n- c"],
    ["a list in a quotation", "<blockquote><ul><li>a<li>b</ul></blockquote>", "> - a\n> - b"],
    ["a quotation in a list", "<ul><li>a<blockquote>b</blockquote></ul>", "- a\n\n  > b"],
  ])("lists: %s", (_, html, text) => {
    expect(readHtml(html)).toBe(text);
  });

  it.each<[string, string, string]>([
    [
      "data in columns",
      "<table><tr><th>Item<th>Number<tr><td>Bolts<td>12<tr><td>Nuts, large<td>7</table>",
      "Item         Number\nBolts        12\nNuts, large  7",
    ],
    [
      "numbers to the right",
      '<table><tr><td>A<td align="right">9.50<tr><td>B<td style="text-align: right">10.00</table>',
      "A   9.50\nB  10.00",
    ],
    [
      "wide characters in columns",
      "<table><tr><td>日本語<td>x<tr><td>abc<td>y<tr><td>👍🏽<td>z</table>",
      "日本語  x\nabc     y\n👍🏽      z",
    ],
    [
      "cells that span columns",
      "<table><tr><td>a<td>bb<td>c<tr><td colspan=2>over two<td>d<tr><td>e<td>f<td>g</table>",
      "a  bb  c\nover two  d\ne  f   g",
    ],
    [
      "cells that span rows",
      "<table><tr><td rowspan=2>Mon<td>a<td>1<tr><td>bb<td>2<tr><td>Tue<td>c<td>3</table>",
      "Mon  a   1\n     bb  2\nTue  c   3",
    ],
    [
      "headings that span rows and columns",
      "<table><tr><th rowspan=2>Item<th colspan=2>Price<th rowspan=2>VAT<tr><th>Net<th>Gross<tr><td>x<td>1<td>2<td>3</table>",
      "Item  Price       VAT\n      Net  Gross\nx     1    2      3",
    ],
    [
      "a cell that spans the rows that follow, beside another one",
      "<table><tr><td>a<td rowspan=0>b<td rowspan=99999>c<td>d<tr><td>eee<td>f<tr><td>g<td>h</table>",
      "a    b  c  d\neee        f\ng          h",
    ],
    [
      "cells of several lines",
      "<table><tr><td>Mon<td>a<br>b<tr><td>Tue<td>c</table>",
      "Mon  a\n     b\nTue  c",
    ],
    [
      "a caption, bodies and feet",
      "<table><caption>Sales</caption><thead><tr><td>a<td>b</thead><tbody><tr><td>c<td>d</table>",
      "Sales\n\na  b\nc  d",
    ],
    [
      "a page laid out with a table",
      "<table><tr><td><p>One</p><p>Two</p></td></tr><tr><td>Three</td></tr></table>",
      "One\n\nTwo\n\nThree",
    ],
    [
      "data within a laid-out page",
      "<table><tr><td>Hello<table><tr><td>a<td>1<tr><td>bb<td>22</table></td></tr></table>",
      "Hello\n\na   1\nbb  22",
    ],
    ["links beside each other", "<table><tr><td>Home<td>Shop<td>About</table>", "Home  Shop  About"],
    [
      "cells too long for columns",
      `<table><tr><td>${"a ".repeat(60)}<td>b<tr><td>c<td>${"d ".repeat(60)}</table>`,
      `${"a ".repeat(60).trim()}\nb\nc\n${"d ".repeat(60).trim()}`,
    ],
    [
      "a table in a list",
      "<ul><li>x<table><tr><td>1<td>2<tr><td>3<td>4</table><li>y</ul>",
      "- x\n\n  1  2\n  3  4\n\n- y",
    ],
    ["cells without a table", "<td>a</td><td>b</td>", "a\nb"],
    ["an empty table", "a<table><tr><td></td></tr></table>b", "a\nb"],
  ])("tables: %s", (_, html, text) => {
    expect(readHtml(html)).toBe(text);
  });

  it.each<[string, string, string]>([
    [
      "with its address",
      '<a href="https://example.org/x?a=1&amp;b">here</a>.',
      "here <https://example.org/x?a=1&b>.",
    ],
    ["whose text is the address", '<a href="https://www.example.org/">example.org</a>', "example.org"],
    [
      "whose text is another address",
      '<a href="https://evil.example">https://bank.example</a>',
      "https://bank.example <https://evil.example>",
    ],
    [
      "to a mailbox",
      '<a href="mailto:a@example.org">a@example.org</a> <a href="MAILTO:b@example.org">Bob</a>',
      "a@example.org Bob <b@example.org>",
    ],
    ["to a telephone", '<a href="tel:+49301234">+49 30 1234</a>', "+49 30 1234"],
    [
      "within the page, to a script",
      '<a href="#top">up</a> <a href="javascript:x()">run</a> <a name="x">anchor</a>',
      "up run anchor",
    ],
    [
      "around a picture",
      '<a href="https://example.org"><img src="x" alt="Logo"></a>',
      "Logo <https://example.org>",
    ],
    [
      "around a picture without a text",
      '<a href="https://example.org"><img src="x"></a>',
      "<https://example.org>",
    ],
    ["around nothing", 'a<a href="https://example.org"></a>b', "ab"],
    [
      "around a block",
      '<a href="https://example.org"><div>Buy</div></a><div>b</div>',
      "Buy <https://example.org>\nb",
    ],
    [
      "that is never closed",
      '<p><a href="https://a.example">a<p><a href="https://b.example">b',
      "a <https://a.example>\n\nb <https://b.example>",
    ],
    ["broken over lines", '<a href="https://example.org/\r\n a">x</a>', "x <https://example.org/ a>"],
  ])("a link %s", (_, html, text) => {
    expect(readHtml(html)).toBe(text);
  });

  it.each<[string, string, string]>([
    ["a picture's text", 'a <img src="x" alt="a red fox"> b', "a a red fox b"],
    [
      "a picture's text where letters have no size",
      '<td style="font-size:0"><a href="https://example.org"><img src="x" alt="Logo"></a></td>',
      "Logo <https://example.org>",
    ],
    ["no picture without a text", 'a <img src="x"> b', "a b"],
    ["no picture of one dot", '<img src="x" alt="seen" width="1" height="1">a', "a"],
  ])("shows %s", (_, html, text) => {
    expect(readHtml(html)).toBe(text);
  });

  it.each<[string, string]>([
    ["style sheets", "<style>p { color: red }</style><p>shown</p>"],
    [
      "style sheets in the body, scripts, titles",
      "<title>T</title><p>shown<style>x</style><script>if (a < b) x()</script>",
    ],
    [
      "comments, those for other programs too",
      "<!-- a --><!--[if mso]><p>b</p><![endif]--><![if !mso]>shown<![endif]>",
    ],
    ["a preview", '<div style="display:none;font-size:0">preview</div>shown'],
    [
      "a preview of another make",
      '<span style="mso-hide: all !important; VISIBILITY : hidden">preview</span>shown',
    ],
    ["a preview without height", '<div style="max-height: 0px; overflow: hidden">preview</div>shown'],
    ["a preview without size", '<div style="font-size:0px;line-height:0">preview</div>shown'],
    ["a preview that is see-through", '<div style="opacity:0">preview</div>shown'],
    [
      "what a style sheet hides",
      "<style>/* a { */ .a { color: red } .pre, span.head { display: none !important }</style><span class='x pre'>preview</span><span class=head>more</span>shown",
    ],
    ["what is hidden by its attribute", "<p hidden>preview</p>shown"],
    ["what a hidden element holds", '<div style="display:none"><table><tr><td>a</table><p>b</p></div>shown'],
    ["a preview's filler", "shown&nbsp;&zwnj;&nbsp;&zwnj;&#847;&nbsp;&shy; "],
    [
      "the header of the page",
      "<html><head><meta charset=utf-8><title>x</title></head><body>shown</body></html>",
    ],
  ])("leaves out %s", (_, html) => {
    expect(readHtml(html)).toBe("shown");
  });

  it.each<[string, string, string]>([
    [
      "letters with a size in a block without",
      '<td style="font-size:0px"><div style="font-size:13px">shown</div></td>',
      "shown",
    ],
    [
      "what a style sheet hides on some screens, or shows again",
      "<style>@media (max-width: 600px) { .a { display: none } } .b { display: none } .b { display: block } p .c { display: none }</style><i class=a>shown</i> <i class=b>and</i> <i class=c>this</i>",
      "shown and this",
    ],
    ["a body that is hidden until it is loaded", '<body style="display:none">shown</body>', "shown"],
    [
      "what is hidden where there is nothing else",
      '<div style="display:none">all there is</div>',
      "all there is",
    ],
    ["what stands after a header that is never closed", "<head><style>x</style><p>shown", "shown"],
    ["what is said where scripts do not run", "<noscript>shown</noscript>", "shown"],
  ])("shows %s", (_, html, text) => {
    expect(readHtml(html)).toBe(text);
  });

  it.each<[string, string, string]>([
    ["named", "&euro;&eacute;&nbsp;&hellip;&ndash;&copy&amp;lt;", "€é …–©&lt;"],
    ["numeric", "&#8364;&#x20AC;&#128512;", "€€😀"],
    ["numeric of Windows-1252", "&#128;&#146;&#150;&#153;", "€’–™"],
    ["that are none", "AT&T &unknown; &#; &#xZZ; a & b", "AT&T &unknown; &#; &#xZZ; a & b"],
    ["of nothing that exists", "&#0;&#xD800;&#1114112;", "\ufffd\ufffd\ufffd"],
  ])("entities %s", (_, html, text) => {
    expect(readHtml(html)).toBe(text);
  });

  it("shows what stands deeper than anybody reads, and leaves out style sheets there", () => {
    const html = `${"<div><font>".repeat(1000)}a<style>b</style><script>c</script>d<p>e${"</font></div>".repeat(1000)}`;
    expect(readHtml(html)).toBe("ad\ne");
  });

  it("shows the source where all of it is one tag that is never closed", () => {
    const html = '<a href="https://example.org/\r\n'.repeat(3).trim();
    const { text, faults } = read("Content-Type: text/html", html);
    expect(text).toBe(html.replaceAll("\r\n", "\n"));
    expect(faults).toEqual([expect.stringContaining("within a tag")]);
  });

  it("gives the source besides the text", () => {
    expect(read("Content-Type: text/html; charset=utf-8", "<p>Gr\xc3\xbc\xc3\x9fe")).toMatchObject({
      text: "Grüße",
      html: "<p>Grüße",
      parts: [{ mimeType: "text/html", charset: "utf-8", use: "text" }],
    });
  });
});
