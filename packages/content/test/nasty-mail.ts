/** Shapes of mail that make readers slow, each of about so many octets. */
export const nastyMail: Readonly<Record<string, (octets: number) => string>> = {
  "links whose quotation mark is never closed": (n) => html(repeat(`<a href="${"x".repeat(50)}\r\n`, n)),
  "links that are never closed": (n) => html(repeat('<a href="https://example.org/">x', n)),
  "one attribute without end": (n) => html(`<a href="${"x".repeat(n)}`),
  "tags that are never closed": (n) => html(repeat("<div>", n)),
  "inline tags that are never closed": (n) => html(repeat("<b><i>x", n)),
  "end tags of what is not open": (n) => html(repeat("<div>", n / 2) + repeat("</span>", n / 2)),
  "tags without end": (n) => html(repeat("<a ", n)),
  "attributes in one tag": (n) => html(`<p ${repeat("a=b ", n)}>x`),
  "styles that say much": (n) => html(repeat(`<p style="${"a:b;".repeat(200)}">x`, n)),
  "comments that are never closed": (n) => html(repeat("<!--", n)),
  "CDATA that is never closed": (n) => html(repeat("<![CDATA[", n)),
  "a style sheet of braces": (n) =>
    html(`<style>${repeat("{/*", n / 2)}${repeat(".a{display:", n / 2)}</style>x`),
  "a style sheet of rules": (n) =>
    html(`<style>${repeat(".a{display:none}", n)}</style>${repeat("<b class=b>", n)}x`),
  "style sheets that are never closed": (n) => html(repeat("<style>", n)),
  "scripts that are never closed": (n) => html(repeat("<script>x", n)),
  "titles that are never closed": (n) => html(repeat("<title>&amp", n)),
  entities: (n) => html(repeat("&amp;&#x41;&lt", n)),
  "entities that are none": (n) => html(repeat("&ampxxxxxxxxx&", n)),
  "one long numeric entity": (n) => html(`&#${repeat("9", n)};`),
  "less-than signs": (n) => html(repeat("<", n)),
  "quotations within quotations": (n) => html(repeat("<blockquote>x", n)),
  "lists within lists": (n) => html(repeat("<ul><li>x", n)),
  "tables within tables": (n) => html(repeat("<table><tr><td>x", n)),
  "a table of many cells": (n) => html(`<table>${repeat("<tr><td>1<td>2<td>3", n)}`),
  "a table of one row": (n) => html(`<table><tr>${repeat("<td>1", n)}<tr><td>1<td>2`),
  "cells that span columns": (n) => html(`<table>${repeat('<tr><td colspan="1000">1<td>2', n)}`),
  "cells that span rows": (n) => html(`<table>${repeat(`<tr>${'<td rowspan="1000">1'.repeat(20)}`, n / 20)}`),
  "rows beneath cells that span them": (n) =>
    html(`<table>${'<td rowspan="9999">1<td>2'.repeat(50)}${repeat("<tr><td>1", n)}`),
  "a table with one wide cell": (n) =>
    html(`<table><tr><td>a<td>${"x".repeat(n / 2)}${repeat("<tr><td>1<td>2", n / 2)}`),
  "line breaks": (n) => html(repeat("<br>", n)),
  paragraphs: (n) => html(repeat("<p>", n)),
  "preformatted empty lines": (n) => html(`<pre>${repeat("\n", n)}x`),
  blanks: (n) => html(repeat(" \n", n)),
  "invisible characters": (n) => html(repeat("&zwnj;&nbsp;", n)),
  "lists of numbers": (n) => html(`<ol>${repeat("<li>x", n)}`),
  "lists that count down": (n) => html(repeat("<ol reversed><li>x", n)),
  "letters under marks": (n) => html(`<table><tr><td>a<td>${repeat("&#769;", n)}<tr><td>b<td>c`),
  "meta tags": (n) => html(repeat("<meta content=", n)),
  "flowed lines": (n) => plain(repeat("x \n", n), "; format=flowed"),
  "flowed lines of many depths": (n) => plain(repeat("> > >> x \n>\n", n), "; format=flowed; delsp=yes"),
  "one line of quotation marks": (n) => plain(repeat("> ", n), "; format=flowed"),
  "enriched text": (n) => mail("Content-Type: text/enriched", repeat("<bold><<x</b\n\n<param>", n)),
  "uuencoded files that begin": (n) => plain(repeat("begin 644 x\r\n", n)),
  "uuencoded files without end": (n) => plain(`begin 644 x\r\n${repeat("#0V%T\r\n", n)}`),
  "blank lines": (n) => plain(repeat(" \r\n", n)),
  "one long line": (n) => plain(repeat("x", n)),
  "blanks before nothing": (n) => plain(`${repeat(" ", n)}\n`),
  "quoted-printable of equals signs": (n) => encoded("quoted-printable", repeat("=", n)),
  "quoted-printable of soft breaks": (n) => encoded("quoted-printable", repeat("= \t\r\n", n)),
  "quoted-printable of blanks": (n) => encoded("quoted-printable", repeat(" ", n)),
  "quoted-printable of an equals sign before blanks": (n) =>
    encoded("quoted-printable", repeat(`=${" ".repeat(100)}x`, n)),
  "base64 of padding": (n) => encoded("base64", repeat("QQ==", n)),
  "base64 of garbage": (n) => encoded("base64", repeat("a! ", n)),
  "base64 of short lines": (n) => encoded("base64", repeat("a\n!\n", n)),
  "header fields": (n) => `${repeat("X: y\r\n", n)}\r\nx`,
  "one long header field": (n) => `Subject: ${repeat("x", n)}\r\n\r\nx`,
  "a header of encoded words": (n) => `Subject: ${repeat("=?utf-8?q?x?= ", n)}\r\n\r\nx`,
  "a folded header": (n) => `Subject: x${repeat("\r\n y", n)}\r\n\r\nx`,
  "lines that are no header fields": (n) => `From: x\r\n${repeat("no field\r\nTo: x\r\n", n)}\r\nx`,
  "a header of dashes": (n) => `Content-Type: x; boundary=b\r\n${repeat("--\r\nX: y\r\n", n)}\r\nx`,
  parameters: (n) => mail(`Content-Type: text/plain${repeat('; a="b', n)}`, "x"),
  "parameters without quotation marks": (n) => mail(`Content-Type: text/plain${repeat(';a="b;\\', n)}`, "x"),
  "sections of a parameter": (n) => mail(`Content-Type: text/plain${repeat("; name*0*=%41", n)}`, "x"),
  "lines like boundaries": (n) => multipart(repeat("--b-\r\n--\r\n-- b\r\n", n)),
  boundaries: (n) => multipart(repeat("--b\r\n", n)),
  "ends of a multipart": (n) => multipart(repeat("--b\r\n\r\nx\r\n--b--\r\n", n)),
  "one line that begins like a boundary": (n) => multipart(`--b${repeat(" ", n)}`),
  "multiparts within multiparts": (n) =>
    Array.from(
      { length: n / 60 },
      (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`,
    ).join(""),
  "multiparts of one boundary within each other": (n) =>
    repeat("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", n),
  "multiparts with wrong boundaries within each other": (n) =>
    repeat("Content-Type: multipart/mixed; boundary=c\r\n\r\n--b\r\n", n),
  "alternatives within alternatives": (n) =>
    Array.from(
      { length: n / 60 },
      (_, at) => `Content-Type: multipart/alternative; boundary=b${at}\r\n\r\n--b${at}\r\n`,
    ).join(""),
  "messages within messages": (n) => repeat("Content-Type: message/rfc822\r\n\r\n", n),
  "encoded messages within messages": (n) =>
    repeat("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", n),
  "a calendar of events": (n) =>
    mail("Content-Type: text/calendar", repeat("BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n", n)),
  "a calendar that is never closed": (n) => mail("Content-Type: text/calendar", repeat("BEGIN:VEVENT\n", n)),
  "a calendar's folded line": (n) =>
    mail("Content-Type: text/calendar", `BEGIN:VEVENT\nSUMMARY:x${repeat("\n y", n)}`),
  "a calendar's parameters": (n) =>
    mail("Content-Type: text/calendar", `BEGIN:VEVENT\nSUMMARY${repeat(';A="b",c', n)}`),
  attendees: (n) =>
    mail("Content-Type: text/calendar", `BEGIN:VEVENT\n${repeat("ATTENDEE;CN=x:mailto:y\n", n)}`),
  "a report": (n) => mail("Content-Type: message/delivery-status", repeat("A: =?utf-8?q?x\n \n", n)),
  "a long file name": (n) => mail(`Content-Type: application/x; name="${repeat("../x", n)}"`, "x"),
  "addresses without a comma": (n) => `To: ${repeat("<a@b>", n)}\r\n\r\nx`,
  "addresses in groups": (n) => `To: ${repeat("g:a@b;", n)}\r\n\r\nx`,
  "groups in groups": (n) => `To: ${repeat("g:", n)}\r\n\r\nx`,
  "commas alone": (n) => `To: ${repeat(",", n)}\r\n\r\nx`,
  "names with commas": (n) => `To: ${repeat("a, b, c, d <", n)}\r\n\r\nx`,
  "brackets that are never closed": (n) => `To: ${repeat("<a ", n)}\r\n\r\nx`,
  "brackets that nothing opens": (n) => `To: ${repeat("> ", n)}\r\n\r\nx`,
  "an open bracket before commas": (n) => `To: <${repeat("a,", n)}\r\n\r\nx`,
  "quotation marks in addresses": (n) => `To: ${repeat('"\\" ', n)}\r\n\r\nx`,
  "comments in comments": (n) => `To: ${repeat("(", n)}\r\n\r\nx`,
  "comments in brackets": (n) => `To: <${repeat("(a", n)}>\r\n\r\nx`,
  "words that may be encoded": (n) => `To: ${repeat("=?a?q?", n)}\r\n\r\nx`,
  "encoded words in a name": (n) => `To: ${repeat("=?utf-8?q?a=40b,_?= ", n)}<a@b>\r\n\r\nx`,
  "a name of at signs": (n) => `To: ${repeat("@ ", n)}\r\n\r\nx`,
  "a name of brackets": (n) => `To: ${repeat("a <> ", n)}\r\n\r\nx`,
  "colons after an address": (n) => `To: ${repeat("a ", n / 2)}a@b ${repeat(": ", n / 2)}\r\n\r\nx`,
  "a name of dots": (n) => `To: ${repeat(". ", n)}@ x\r\n\r\nx`,
  "words that are addresses": (n) => `To: ${repeat("a@b ", n)}\r\n\r\nx`,
  references: (n) => `References: ${repeat("<a@b> ", n)}\r\n\r\nx`,
  "references that are never closed": (n) => `References: ${repeat("<a@b ", n)}\r\n\r\nx`,
  "references without brackets": (n) => `References: ${repeat("a@b ", n)}\r\n\r\nx`,
  quotations: (n) => plain(repeat("On 1 x:\r\n> y\r\n\r\n", n)),
  "introductions of quotations": (n) => plain(repeat(`On ${"1 ".repeat(150)}wrote\r\n`, n)),
  "text that nobody sees": (n) => plain(repeat("\xe2\x80\x8b \xe2\x80\x8b", n)),
  "one character of many marks": (n) => plain(`e${repeat("\xcc\x81", n)}`),
  "pictures that HTML refers to": (n) =>
    multipart(
      `--b\r\nContent-Type: text/html\r\n\r\n${repeat("cid:", n / 2)}${repeat('cid:"', n / 2)}\r\n--b\r\nContent-Type: image/png\r\n\r\n\r\n--b--`,
    ),
  "carriage returns alone": (n) => repeat("X: y\r", n),
  "NUL octets": (n) => plain(repeat("\0", n)),
};

function repeat(text: string, octets: number): string {
  return text.repeat(Math.ceil(octets / text.length));
}

function mail(field: string, body: string): string {
  return `${field}\r\n\r\n${body}`;
}

function html(body: string): string {
  return mail("Content-Type: text/html; charset=utf-8", body);
}

function plain(body: string, parameters = ""): string {
  return mail(`Content-Type: text/plain; charset=utf-8${parameters}`, body);
}

function encoded(encoding: string, body: string): string {
  return mail(`Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}`, body);
}

function multipart(body: string): string {
  return mail("Content-Type: multipart/mixed; boundary=b", body);
}
