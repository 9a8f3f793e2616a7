import { describe, expect, it } from "vitest";
import { read, readOctets, utf8 } from "./mail.ts";

function calendar(...lines: readonly string[]): string {
  return read("Content-Type: text/calendar; charset=utf-8", ...lines.map(utf8)).text;
}

function event(...lines: readonly string[]): string {
  return calendar("BEGIN:VCALENDAR", "BEGIN:VEVENT", ...lines, "END:VEVENT", "END:VCALENDAR");
}

describe("a message that is a calendar", () => {
  it("shows its event", () => {
    expect(
      calendar(
        "BEGIN:VCALENDAR",
        "METHOD:REQUEST",
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Berlin",
        "BEGIN:STANDARD",
        "DTSTART:19701025T030000",
        "RRULE:FREQ=YEARLY",
        "END:STANDARD",
        "END:VTIMEZONE",
        "BEGIN:VEVENT",
        "SUMMARY:Jour fixe\\, alle",
        "DTSTART;TZID=Europe/Berlin:20260504T100000",
        "DTEND;TZID=Europe/Berlin:20260504T113000",
        "LOCATION:Raum 5\\nKöln",
        'ORGANIZER;CN="Doe, Jane":mailto:jane@example.org',
        "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED;RSVP=TRUE:mailto:bob@example.org",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:MAILTO:eve@example.org",
        "DESCRIPTION:One\\nTwo\\; three",
        " \\\\ four",
        "URL:https://example.org/1",
        "BEGIN:VALARM",
        "DESCRIPTION:Reminder",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
      ),
    ).toBe(
      [
        "Invitation: Jour fixe, alle",
        "When: Mon 2026-05-04 10:00 – 11:30 (Europe/Berlin)",
        "Where: Raum 5, Köln",
        "Link: https://example.org/1",
        "Organizer: Doe, Jane <jane@example.org>",
        "Attendees: Bob <bob@example.org> (accepted), eve@example.org (no answer yet)",
        "",
        "One",
        "Two; three\\ four",
      ].join("\n"),
    );
  });

  it.each<[string, readonly string[], string]>([
    ["in UTC", ["DTSTART:20260504T100000Z", "DTEND:20260504T110000Z"], "Mon 2026-05-04 10:00 – 11:00 (UTC)"],
    ["in no zone", ["DTSTART:20260504T100000"], "Mon 2026-05-04 10:00"],
    [
      "over midnight",
      ["DTSTART:20260504T220000", "DTEND:20260505T010000"],
      "Mon 2026-05-04 22:00 – Tue 2026-05-05 01:00",
    ],
    [
      "with a duration",
      ["DTSTART:20260504T230000Z", "DURATION:PT1H30M"],
      "Mon 2026-05-04 23:00 – Tue 2026-05-05 00:30 (UTC)",
    ],
    [
      "from zone to zone",
      ["DTSTART;TZID=Europe/Berlin:20260504T100000", "DTEND;TZID=America/New_York:20260504T130000"],
      "Mon 2026-05-04 10:00 (Europe/Berlin) – Mon 2026-05-04 13:00 (America/New_York)",
    ],
    [
      "in a zone of Windows",
      ['DTSTART;TZID="W. Europe Standard Time":20260504T100000'],
      "Mon 2026-05-04 10:00 (W. Europe Standard Time)",
    ],
    ["all day", ["DTSTART;VALUE=DATE:20260504", "DTEND;VALUE=DATE:20260505"], "Mon 2026-05-04, all day"],
    ["all day without an end", ["DTSTART;VALUE=DATE:20260504"], "Mon 2026-05-04, all day"],
    [
      "several days",
      ["DTSTART;VALUE=DATE:20260504", "DTEND;VALUE=DATE:20260507"],
      "Mon 2026-05-04 – Wed 2026-05-06, all day",
    ],
    [
      "for weeks",
      ["DTSTART;VALUE=DATE:20260504", "DURATION:P2W"],
      "Mon 2026-05-04 – Sun 2026-05-17, all day",
    ],
    ["on a day that there is not", ["DTSTART:20260230T100000"], "20260230T100000"],
    ["some day", ["DTSTART:some day"], "some day"],
  ])("says when it is: %s", (_, lines, when) => {
    expect(event("SUMMARY:x", ...lines)).toBe(`Event: x\nWhen: ${when}`);
  });

  it.each<[string, string]>([
    ["FREQ=DAILY", "every day"],
    ["FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=10", "every 2 weeks on Monday, Wednesday 10 times"],
    [
      "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20261231T230000Z",
      "every month on the last Friday until Thu 2026-12-31 23:00 (UTC)",
    ],
    ["FREQ=MONTHLY;BYMONTHDAY=1,15;UNTIL=20261231", "every month on day 1, 15 until Thu 2026-12-31"],
    ["FREQ=YEARLY;BYMONTH=5;BYDAY=1MO", "FREQ=YEARLY;BYMONTH=5;BYDAY=1MO"],
    ["nonsense", "nonsense"],
  ])("says how it repeats: %s", (rule, words) => {
    expect(event("SUMMARY:x", `RRULE:${rule}`)).toBe(`Event: x\nRepeats: ${words}`);
  });

  it.each<[string, readonly string[], string]>([
    [
      "at its time",
      ["RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Berlin:20261112T100000,20261119T100000"],
      "every week, except Thu 2026-11-12, Thu 2026-11-19",
    ],
    [
      "in another zone",
      ["RRULE:FREQ=WEEKLY", "EXDATE:20261112T090000Z"],
      "every week, except Thu 2026-11-12 09:00 (UTC)",
    ],
    [
      "of whole days, in several fields, one twice",
      [
        "EXDATE;VALUE=DATE:20261112",
        "RRULE:FREQ=WEEKLY",
        "EXDATE;VALUE=DATE:20261119, 20261112",
        "EXDATE:some day",
      ],
      "every week, except Thu 2026-11-12, Thu 2026-11-19, some day",
    ],
    [
      "of added ones",
      [
        "RRULE:FREQ=DAILY;COUNT=2",
        "RDATE;TZID=Europe/Berlin;VALUE=PERIOD:20261120T100000/PT2H",
        "EXDATE;TZID=Europe/Berlin:20261106T100000",
      ],
      "every day 2 times, and also on Fri 2026-11-20, except Fri 2026-11-06",
    ],
    [
      "of added ones without a rule",
      ["RDATE;TZID=Europe/Berlin:20261120T100000", "EXDATE:"],
      "on Fri 2026-11-20",
    ],
    [
      "of very many",
      [
        "RRULE:FREQ=DAILY",
        `EXDATE;VALUE=DATE:${Array.from({ length: 28 }, (_, day) => 20270201 + day).join(",")}`,
      ],
      `every day, except ${["Mon 2027-02-01", "Tue 2027-02-02", "Wed 2027-02-03", "Thu 2027-02-04", "Fri 2027-02-05", "Sat 2027-02-06", "Sun 2027-02-07", "Mon 2027-02-08", "Tue 2027-02-09", "Wed 2027-02-10"].join(", ")} and 18 more`,
    ],
  ])("says on which dates it is not, or is, too: %s", (_, lines, words) => {
    expect(event("SUMMARY:x", "DTSTART;TZID=Europe/Berlin:20261105T100000", ...lines)).toBe(
      `Event: x\nWhen: Thu 2026-11-05 10:00 (Europe/Berlin)\nRepeats: ${words}`,
    );
  });

  it.each<[string, string]>([
    ["REQUEST", "Invitation: x"],
    ["CANCEL", "Cancelled: x"],
    ["REPLY", "Answer: x"],
    ["PUBLISH", "Event: x"],
    ["unheard-of", "Event: x"],
  ])("says what it is about: %s", (method, text) => {
    expect(
      calendar(
        "BEGIN:VCALENDAR",
        `METHOD:${method}`,
        "BEGIN:VEVENT",
        "SUMMARY:x",
        "END:VEVENT",
        "END:VCALENDAR",
      ),
    ).toBe(text);
  });

  it("says what it is about where the header alone does", () => {
    const lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "SUMMARY:x", "END:VEVENT", "END:VCALENDAR"];
    expect(read("Content-Type: text/calendar; method=CANCEL", ...lines).text).toBe("Cancelled: x");
  });

  it("shows several events, one of a series, tasks", () => {
    expect(
      calendar(
        ...["BEGIN:VCALENDAR", "BEGIN:VEVENT", "SUMMARY:one", "RECURRENCE-ID:20260504T100000Z", "END:VEVENT"],
        ...["BEGIN:VEVENT", "STATUS:CANCELLED", "END:VEVENT"],
        ...["BEGIN:VTODO", "SUMMARY:two", "DUE;VALUE=DATE:20260504", "END:VTODO", "END:VCALENDAR"],
      ),
    ).toBe(
      "Event: one\nInstead of: the one on Mon 2026-05-04 10:00 (UTC)\n\nCancelled: (no title)\n\nTask: two\nDue: Mon 2026-05-04",
    );
  });

  it("reads what old programs write", () => {
    const lines = [
      "SUMMARY;CHARSET=iso-8859-1;ENCODING=QUOTED-PRINTABLE:Gr=FC=DFe an alle, die=",
      " da sind",
      "DTSTART:20260504T100000Z",
    ];
    expect(event(...lines)).toBe("Event: Grüße an alle, die da sind\nWhen: Mon 2026-05-04 10:00 (UTC)");
  });

  it.each<[string, readonly string[]]>([
    ["has no event", ["BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR"]],
    ["is none", ["Dear Bob, this is no calendar."]],
  ])("is shown as it stands where it %s", (_, lines) => {
    expect(calendar(...lines)).toBe(lines.join("\n"));
  });

  it("shows events that are never closed", () => {
    expect(calendar("BEGIN:VCALENDAR", "BEGIN:VEVENT", "SUMMARY:x")).toBe("Event: x");
    expect(calendar("BEGIN:VEVENT", "SUMMARY:x", "END:VCALENDAR")).toBe("Event: x");
  });
});

describe("an invitation with a text", () => {
  const ICS = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR";
  const part = (header: string, body: string): string => `--b\n${header}\n\n${body}\n`;
  const text = part("Content-Type: text/plain", "Please come.");
  const html = part("Content-Type: text/html", "<p>Please come.");
  const invitation = part("Content-Type: text/calendar; method=REQUEST", ICS);
  const file = part('Content-Type: application/ics; name="invite.ics"\nContent-Disposition: attachment', ICS);
  const unnamed = part('Content-Type: application/octet-stream; name="invite.ics"', ICS);

  it.each<[string, string, string]>([
    ["alternatives", "alternative", text + html + invitation],
    ["alternatives, the calendar first", "alternative", invitation + html],
    ["alternatives, the file too", "alternative", text + invitation + file],
    ["a text and a file", "mixed", text + file],
    ["a text and a file of no type", "mixed", text + unnamed],
  ])("shows both: %s", (_, subtype, parts) => {
    const content = readOctets(`Content-Type: multipart/${subtype}; boundary=b\n\n${parts}--b--`);
    expect(content.text).toBe("Please come.\n\nInvitation: x");
  });
});
