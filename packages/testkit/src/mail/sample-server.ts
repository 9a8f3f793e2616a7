import { Buffer } from "node:buffer";
import { type Pop3Server, type Pop3ServerOptions, startPop3Server } from "../pop3-server/server.ts";
import { type SimpleMailOptions, simpleMail } from "./simple-mail.ts";

/** A scripted server with a pleasant maildrop, and mail that has not come in yet. */
export interface SampleServer {
  readonly server: Pop3Server;
  /** Three messages to be delivered later. */
  readonly later: readonly Uint8Array[];
  /** Delivers the next of them. @returns whether there was one */
  deliverNext(): boolean;
}

/** Starts a scripted server with twelve messages as people and machines write them. */
export async function startSampleServer(options: Pop3ServerOptions = {}): Promise<SampleServer> {
  const server = await startPop3Server({ ...options });
  server.maildrop.deliverAll(sampleMessages.map(mailOf));
  const later = laterMessages.map(mailOf);
  let next = 0;
  return {
    server,
    later,
    deliverNext: () => {
      const message = later[next];
      next += 1;
      if (message === undefined) return false;
      server.maildrop.deliver(message);
      return true;
    },
  };
}

type Sample = Omit<SimpleMailOptions, "to" | "date"> & { readonly date: string };

function mailOf(sample: Sample): Uint8Array {
  return simpleMail({ to: "Alice Anders <alice@example.org>", ...sample, date: new Date(sample.date) });
}

const invoice = Buffer.from(
  "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
);

const sampleMessages: readonly Sample[] = [
  {
    from: "Postmaster <postmaster@example.org>",
    subject: "Welcome to your new mailbox",
    date: "2025-03-03T08:00:00Z",
    body: "Dear Alice,\n\nyour mailbox is ready. It speaks POP3 on port 995.\n\nYour postmaster",
  },
  {
    from: "Bob Baker <bob@example.com>",
    subject: "Lunch on Thursday?",
    date: "2025-03-03T10:12:41Z",
    body: "Hi Alice,\n\nthe place at the corner has dumplings again. 12:30?\n\nBob",
  },
  {
    from: "The Weekly Kettle <news@kettle.example>",
    subject: "Issue 118: seven ways to descale a kettle",
    date: "2025-03-04T05:30:00Z",
    body: "Good morning,\n\nthis week: vinegar, citric acid, and five ways that do not work.\n",
    html: "<h1>The Weekly Kettle</h1>\n<p>This week: vinegar, citric acid, and five ways that do <em>not</em> work.</p>",
    headers: [
      "List-Id: The Weekly Kettle <news.kettle.example>",
      "List-Unsubscribe: <mailto:leave@kettle.example>",
    ],
  },
  {
    from: "Nordlicht Energie <rechnung@nordlicht.example>",
    subject: "Ihre Rechnung für März: 48,20 €",
    date: "2025-03-05T14:00:09Z",
    body: "Guten Tag,\n\nanbei finden Sie Ihre Rechnung.\n\nMit freundlichen Grüßen\nNordlicht Energie",
    attachments: [{ name: "rechnung-2025-03.pdf", type: "application/pdf", bytes: invoice }],
  },
  {
    from: "Alice Anders <alice@example.org>",
    subject: "Note to self",
    date: "2025-03-06T21:44:00Z",
    body: "Water the plants.\nCall Mum.\n",
    receivedBy: null,
  },
  {
    from: "山田太郎 <taro@example.jp>",
    subject: "会議の資料について",
    date: "2025-03-07T01:15:00Z",
    body: "アリスさん\n\n資料をお送りします。よろしくお願いします。\n\n山田",
  },
  {
    from: "build@ci.example.net",
    subject: "[ci] main is broken (7 of 1,204 tests failed)",
    date: "2025-03-07T16:20:31Z",
    body: "FAIL test/listing.test.ts\n  expected 7, received 6\n\n.\n..\nThe lines above begin with dots.\n",
    headers: ["X-CI-Run: 48213"],
  },
  {
    from: "build@ci.example.net",
    subject: "[ci] main is fine again",
    date: "2025-03-07T16:58:02Z",
    body: "1,204 tests passed.\n",
    headers: ["X-CI-Run: 48214"],
  },
  {
    from: "Zoë Žižek <zoe@example.net>",
    subject: "Café crème & croissants 🥐 — photos from the weekend, at last",
    date: "2025-03-09T18:03:55Z",
    body: "They are a bit blurred, sorry.\n\nZoë",
    attachments: [{ name: "weekend.jpg", type: "image/jpeg", bytes: picture(9000) }],
  },
  {
    from: "Bob Baker <bob@example.com>",
    subject: "Re: Lunch on Thursday?",
    date: "2025-03-10T09:00:00Z",
    body: "> The dumplings were excellent.\n\nAgain next week?\n\nBob",
    headers: ["In-Reply-To: <lunch@example.com>"],
  },
  {
    from: "Mail Delivery System <mailer-daemon@example.org>",
    subject: "Undelivered Mail Returned to Sender",
    date: "2025-03-10T11:30:17Z",
    body: "Your message could not be delivered to carol@example.invalid:\nhost not found.\n",
    headers: ["Auto-Submitted: auto-replied"],
  },
  {
    from: "City Library <library@city.example>",
    subject: "Two books are due on Friday",
    date: "2025-03-11T06:00:00Z",
    body: "1. The Art of Electronics\n2. A Pattern Language\n\nYou may renew both online.\n",
  },
];

const laterMessages: readonly Sample[] = [
  {
    from: "Bob Baker <bob@example.com>",
    subject: "Running five minutes late",
    date: "2025-03-13T12:24:00Z",
    body: "Order for me, please.\n",
  },
  {
    from: "Parcel Service <track@parcel.example>",
    subject: "Your parcel is on its way",
    date: "2025-03-13T15:47:12Z",
    body: "It arrives tomorrow between 9:00 and 12:00.\n",
    html: "<p>It arrives <strong>tomorrow</strong> between 9:00 and 12:00.</p>",
  },
  {
    from: "The Weekly Kettle <news@kettle.example>",
    subject: "Issue 119: the kettle that would not whistle",
    date: "2025-03-18T05:30:00Z",
    body: "Good morning,\n\nthis week: a whistle, taken apart.\n",
    headers: ["List-Id: The Weekly Kettle <news.kettle.example>"],
  },
];

/** Octets that begin like a JPEG file. */
function picture(octets: number): Uint8Array {
  const bytes = Buffer.alloc(octets, "mailonce");
  bytes.set([0xff, 0xd8, 0xff, 0xe0]);
  return bytes;
}
