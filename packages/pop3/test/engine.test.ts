import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { command } from "../src/protocol/command.ts";
import { c, cutAt, loggedIn, octetByOctet, play, ReadEngine, type Step, s, type Told } from "./transcript.ts";

/** An engine after a transcript. */
function played(steps: readonly Step[]): ReadEngine {
  const engine = new ReadEngine();
  for (const step of steps) {
    if ("send" in step) engine.send(step.send);
    else engine.receive(step.receive);
    engine.read();
  }
  return engine;
}

interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly told: readonly Told[];
}

const login = ["GREETING +OK ready", "USER +OK", "PASS +OK"];
const message = (name: string, body: string, content: string): Case => ({
  name,
  steps: [...loggedIn, c("RETR", 1), s(`+OK\r\n${body}`), c("NOOP"), s("+OK\r\n")],
  told: [
    ...login,
    "RETR +OK",
    ...(content === "" ? [] : [`data ${JSON.stringify(content)}`]),
    "end",
    "NOOP +OK",
  ],
});

const cases: readonly Case[] = [
  { name: "a greeting without text", steps: [s("+OK\r\n")], told: ["GREETING +OK"] },
  { name: "a greeting ended by a bare LF", steps: [s("+OK hi\n")], told: ["GREETING +OK hi"] },
  {
    name: "a greeting that refuses",
    steps: [s("-ERR [SYS/TEMP] busy\r\n")],
    told: ["GREETING -ERR [SYS/TEMP] [SYS/TEMP] busy"],
  },
  {
    name: "a greeting of another protocol",
    steps: [s("220 mail ESMTP\r\n")],
    told: ["fatal POP3_NOT_POP3"],
  },
  {
    name: "a greeting that never ends",
    steps: [s("+OK ".padEnd(10_000, "x"))],
    told: ["fatal POP3_NOT_POP3"],
  },
  {
    name: "response codes in any case",
    steps: [s("+OK\r\n"), c("USER", "u"), s("-ERR [in-use] locked\r\n")],
    told: ["GREETING +OK", "USER -ERR [IN-USE] [in-use] locked"],
  },
  {
    name: "no CAPA",
    steps: [s("+OK\r\n"), c("CAPA"), s("-ERR\r\n"), c("USER", "u"), s("+OK\r\n")],
    told: ["GREETING +OK", "CAPA -ERR", "USER +OK"],
  },
  message("a message", "Subject: x\r\n\r\nhello\r\n.\r\n", "Subject: x\r\n\r\nhello\r\n"),
  message("an empty message", ".\r\n", ""),
  message("a message of one empty line", "\r\n.\r\n", "\r\n"),
  message("exactly one dot taken off", "..\r\n...\r\n.a\r\n..b\r\n.\r\n", ".\r\n..\r\na\r\n.b\r\n"),
  message("a dot-stuffed line after the last CRLF", "a\r\n..\r\n.\r\n", "a\r\n.\r\n"),
  message("bare LF, bare CR and LFCR", "a\nb\rc\n\rd\r\r\n.\r\n", "a\nb\rc\n\rd\r\r\n"),
  message("a dot between bare LFs", "a\n.\nb\n.\r\nc\r\n.\r\n", "a\n.\nb\n.\r\nc\r\n"),
  message("two dots after a bare LF", "a\n..b\r\n.\r\n", "a\n..b\r\n"),
  message("a stuffed line that begins with CR", "..\r\n.\rx\r\n.\r\r\n.\r\n", ".\r\n\rx\r\n\r\r\n"),
  message("a stuffed line that begins with LF", ".\nx\r\n.\r\n", "\nx\r\n"),
  message("NUL and 8-bit octets", "\0\xff\x80\r\n.\r\n", "\0\xff\x80\r\n"),
  message("a line of 100,000 octets", `${"x".repeat(100_000)}\r\n.\r\n`, `${"x".repeat(100_000)}\r\n`),
  message("a mail of dots", `${"..\r\n".repeat(500)}.\r\n`, ".\r\n".repeat(500)),
  {
    name: "a server that ends lines by bare LF",
    steps: [
      s("+OK ready\n"),
      ...loggedIn.slice(1),
      c("RETR", 1),
      s("+OK\na\n..b\n.\n"),
      c("RETR", 2),
      s("+OK\r\na\n.\nb\r\n.\r\n"),
      c("NOOP"),
      s("+OK\n"),
    ],
    told: [
      ...[...login, "RETR +OK", 'data "a\\n.b\\n"', "end"],
      ...["RETR +OK", 'data "a\\n.\\nb\\r\\n"', "end", "NOOP +OK"],
    ],
  },
  {
    name: "a bare LF from a server that has greeted with CRLF: its messages end in CRLF",
    steps: [
      ...loggedIn,
      c("RETR", 1),
      s("+OK\na\n.\nb\r\n.\r\n"),
      c("NOOP"),
      s("+OK\n"),
      c("LIST"),
      s("+OK\n1 2\n.\n"),
    ],
    told: [
      ...[...login, "RETR +OK", 'data "a\\n.\\nb\\r\\n"', "end", "NOOP +OK"],
      ...["LIST +OK", 'data "1 2\\n"', "end"],
    ],
  },
  {
    name: "listings, pipelined, the first of them refused",
    steps: [
      ...loggedIn,
      c("STAT"),
      c("UIDL"),
      c("LIST"),
      c("LIST", 2),
      s("+OK 2 300\r\n-ERR no\r\n+OK\r\n1 100\r\n2 200\r\n.\r\n+OK 2 200\r\n"),
    ],
    told: [
      ...login,
      "STAT +OK 2 300",
      "UIDL -ERR no",
      "LIST +OK",
      'data "1 100\\r\\n2 200\\r\\n"',
      "end",
    ].concat("LIST +OK 2 200"),
  },
  {
    name: "a message refused between two others",
    steps: [
      ...loggedIn,
      c("RETR", 1),
      c("RETR", 2),
      c("RETR", 3),
      s("+OK\r\na\r\n.\r\n-ERR gone\r\n+OK\r\nc\r\n.\r\n"),
    ],
    told: [
      ...login,
      "RETR +OK",
      'data "a\\r\\n"',
      "end",
      "RETR -ERR gone",
      "RETR +OK",
      'data "c\\r\\n"',
      "end",
    ],
  },
  {
    name: "a message that forges the next reply, and its rest",
    steps: [...loggedIn, c("RETR", 1), s("+OK 60 octets\r\n.\r\n+OK 60 octets\r\n")],
    told: [...login, "RETR +OK 60 octets", "end", "fatal POP3_PROTOCOL_ERROR"],
  },
  {
    name: "a reply that is neither +OK nor -ERR",
    steps: [...loggedIn, c("NOOP"), s("NOOP\r\n+OK\r\n")],
    told: [...login, "fatal POP3_PROTOCOL_ERROR"],
  },
  {
    name: "a challenge where none is due",
    steps: [...loggedIn, c("NOOP"), s("+ \r\n")],
    told: [...login, "fatal POP3_PROTOCOL_ERROR"],
  },
  {
    name: "an unasked -ERR",
    steps: [...loggedIn, s("-ERR Disconnected for inactivity.\r\n")],
    told: [...login, "fatal POP3_CONNECTION_CLOSED"],
  },
  {
    name: "an unasked +OK",
    steps: [...loggedIn, s("+OK\r\n")],
    told: [...login, "fatal POP3_PROTOCOL_ERROR"],
  },
  {
    name: "an unasked reply that only begins like -ERR",
    steps: [...loggedIn, s("-ERX")],
    told: [...login, "fatal POP3_PROTOCOL_ERROR"],
  },
  {
    name: "plaintext behind the reply to STLS",
    steps: [s("+OK\r\n"), c("STLS"), s("+OK go\r\n+OK injected\r\n")],
    told: ["GREETING +OK", "STLS +OK go", "fatal POP3_STLS_INJECTION"],
  },
  {
    name: "a status line that never ends",
    steps: [...loggedIn, c("NOOP"), s("+OK ".padEnd(9_000, "x"))],
    told: [...login, "fatal POP3_LIMIT_EXCEEDED"],
  },
  {
    name: "a status line that echoes the password",
    steps: [s("+OK\r\n"), c("PASS", "hunter2"), s("-ERR bad command PASS hunter2\r\n")],
    told: ["GREETING +OK", "PASS -ERR bad command PASS ****"],
  },
];

describe("transcripts, whole, octet by octet and over random splits", () => {
  for (const { name, steps, told } of cases) {
    test(name, () => {
      expect(play(steps)).toEqual(told);
      expect(play(steps, octetByOctet)).toEqual(told);
      fc.assert(
        fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (places) => {
          expect(play(steps, cutAt(places))).toEqual(told);
        }),
        { numRuns: 50 },
      );
    });
  }
});

/** RFC 1939 section 3, written without a look at the client. */
function stuff(message: Buffer): Buffer {
  const text = message.toString("latin1");
  const ended = text === "" || text.endsWith("\r\n") ? text : `${text}\r\n`;
  const stuffed = ended.startsWith(".") ? `.${ended}` : ended;
  return Buffer.from(`${stuffed.replaceAll("\r\n.", "\r\n..")}.\r\n`, "latin1");
}

const nastyMail = fc
  .array(fc.constantFrom("\r\n", ".", "\r", "\n", "\0", "x", "\xff", ".\r\n", "\r\n.\r\n", "+OK\r\n"), {
    maxLength: 30,
  })
  .map((parts) => Buffer.from(parts.join(""), "latin1"));

describe("whatever a server sends", () => {
  test("means the same over any split, and is never an exception", () => {
    const parts = fc.constantFrom(
      "+OK",
      "-ERR",
      " ",
      "[AUTH]",
      "\r\n",
      ".",
      "\r",
      "\n",
      "\0",
      "x",
      "1 2",
      "\xff",
    );
    const octets = fc.array(parts, { maxLength: 40 }).map((some) => some.join(""));
    const sent = fc.array(fc.constantFrom(c("RETR", 1), c("LIST"), c("LIST", 1), c("NOOP"), c("CAPA")), {
      maxLength: 5,
    });
    const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(sent, octets, places, (commands, received, cuts) => {
        const steps = [...loggedIn, ...commands, s(received)];
        const told = play(steps);
        expect(play(steps, octetByOctet)).toEqual(told);
        expect(play(steps, cutAt(cuts))).toEqual(told);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("content", () => {
  test("comes through octet by octet, whatever it holds and however it is split", () => {
    const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(nastyMail, places, (mail, cuts) => {
        const body = stuff(mail);
        const text = mail.toString("latin1");
        const content = text === "" || text.endsWith("\r\n") ? text : `${text}\r\n`;
        const told = play(
          [...loggedIn, c("RETR", 1), s(Buffer.concat([Buffer.from("+OK\r\n"), body]))],
          cutAt(cuts),
        );
        const data = content === "" ? [] : [`data ${JSON.stringify(content)}`];
        expect(told).toEqual([...login, "RETR +OK", ...data, "end"]);
      }),
      { numRuns: 3_000 },
    );
  });

  test("is given as slices of what arrived", () => {
    const engine = played([...loggedIn, c("RETR", 1)]);
    const chunk = new Uint8Array(Buffer.from("+OK\r\nhello\r\n.\r\n"));
    engine.receive(chunk);
    const data = engine.read().find((one) => one instanceof Uint8Array);
    expect(data?.buffer).toBe(chunk.buffer);
  });

  test("of a mail of dots is copied, not cut into thousands of slices", () => {
    const engine = played([...loggedIn, c("RETR", 1)]);
    engine.receive(Buffer.from(`+OK\r\n${"..\r\n".repeat(10_000)}`));
    expect(engine.read()).toHaveLength(2);
  });

  test("beyond its limit ends the session, a listing too", () => {
    const retr = [...loggedIn, c("RETR", 1), s(`+OK\r\n${"x".repeat(101)}`)];
    expect(play(retr, undefined, { messageOctets: 100 }).at(-1)).toBe("fatal POP3_LIMIT_EXCEEDED");
    const list = [...loggedIn, c("LIST"), s("+OK\r\n1 1\r\n2 2\r\n.\r\n")];
    expect(play(list, undefined, { listingOctets: 9 }).at(-1)).toBe("fatal POP3_LIMIT_EXCEEDED");
    expect(play(list, undefined, { listingOctets: 10 }).at(-1)).toBe("end");
  });
});

describe("commands", () => {
  const engine = (...steps: readonly Step[]): ReadEngine => played(steps);

  test("are refused outside their state", () => {
    expect(() => engine().send(command("USER", "u"))).toThrow("GREETING");
    expect(() => engine(s("+OK\r\n")).send(command("RETR", 1))).toThrow("AUTHORIZATION");
    expect(() => engine(...loggedIn).send(command("PASS", "p"))).toThrow("TRANSACTION");
    expect(() => engine(...loggedIn, c("QUIT"), s("+OK\r\n")).send(command("NOOP"))).toThrow("UPDATE");
    expect(() => engine(...loggedIn, s("garbage")).send(command("NOOP"))).toThrow("CLOSED");
  });

  test("are never sent across login, STLS or QUIT", () => {
    expect(() => engine(s("+OK\r\n"), c("USER", "u")).send(command("PASS", "p"))).toThrow("unanswered");
    expect(() => engine(s("+OK\r\n"), c("CAPA")).send(command("STLS"))).toThrow("unanswered");
    expect(() => engine(...loggedIn, c("NOOP")).send(command("QUIT"))).toThrow("unanswered");
  });

  test("that hold a secret are shown masked", () => {
    const { octets, shown } = engine(s("+OK\r\n")).send(command("PASS", "hunter2"));
    expect(octets).toBe("PASS hunter2\r\n");
    expect(shown).toBe("PASS ****\r\n");
  });
});

describe("a secret", () => {
  test("is awaited while its command is the oldest, and in what nobody has asked for, but in no body", () => {
    const engine = new ReadEngine();
    const receive = (text: string): void => {
      engine.receive(Buffer.from(text));
      engine.read();
    };
    receive("+OK\r\n");
    engine.send(command("PASS", "hunter2"));
    receive("+OK\r\n");
    engine.send(command("RETR", 1));
    receive("+OK\r\nx");
    receive("hunter2\r\n.\r\n");
    receive("-ERR bye, hunter2\r\n");
    expect(engine.secrets).toEqual([false, true, false, false, true]);
  });

  test("is nothing where a command that carries one has none", () => {
    const engine = played([s("+OK\r\n")]);
    expect(engine.send({ verb: "PASS", argument: null })).toEqual({ octets: "PASS\r\n", shown: "PASS\r\n" });
  });
});

test("one empty line after a multi-line reply is passed over, however it is cut", () => {
  const steps = [...loggedIn, c("RETR", 1), c("NOOP"), s("+OK\r\nx\r\n.\r\n\r\n+OK\r\n")];
  const told = play(steps);
  expect(told.slice(-3)).toEqual(['data "x\\r\\n"', "end", "NOOP +OK"]);
  expect(play(steps, octetByOctet)).toEqual(told);
});

test("before a login the server has little to do: greeting, CAPA and its list, STLS, but not the login", () => {
  const engine = new ReadEngine();
  const prompt: boolean[] = [];
  const receive = (text: string): void => {
    prompt.push(engine.preLogin);
    engine.receive(Buffer.from(text));
    engine.read();
  };
  receive("+OK\r\n");
  engine.send(command("CAPA"));
  receive("+OK\r\n");
  receive("USER\r\n.\r\n");
  engine.send(command("USER", "u"));
  receive("+OK\r\n");
  engine.send(command("PASS", "p"));
  receive("+OK\r\n");
  engine.send(command("CAPA"));
  receive("+OK\r\n.\r\n");
  expect(prompt).toEqual([true, true, true, false, false, false]);
});

describe("what nobody has asked for", () => {
  test("answers no command that is sent later, though it is read later", () => {
    const engine = played(loggedIn);
    engine.send(command("RETR", 1));
    engine.receive(Buffer.from("+OK\r\nx\r\n.\r\n+OK forged\r\n"));
    // Sent when both have arrived and neither was read.
    engine.send(command("NOOP"));
    const [status, content, end, error] = engine.read();
    expect([status, content, end]).toMatchObject([{ verb: "RETR", ok: true }, Buffer.from("x\r\n"), null]);
    expect(error).toMatchObject({ code: "POP3_PROTOCOL_ERROR" });
  });

  test("is noticed without a reader", () => {
    const engine = played(loggedIn);
    engine.receive(Buffer.from("+OK forged\r\n"));
    expect(() => engine.send(command("NOOP"))).toThrow("CLOSED");
  });

  test("is as little read as anything else once the session is over", () => {
    const engine = played([s("+OK\r\n"), c("USER", "u"), s("garbage\r\n")]);
    engine.receive(Buffer.from("+OK\r\n"));
    expect(engine.read()).toEqual([]);
    expect(engine.waitingOctets).toBe(0);
  });
});

describe("who reads out of step", () => {
  test("is told so within a multi-line reply, and that it has ended behind one", () => {
    const engine = played([...loggedIn, c("RETR", 1), s("+OK\r\nx")]);
    expect(() => engine.readReply()).toThrow("out of step");
    engine.receive(Buffer.from("\r\n.\r\n"));
    engine.read();
    expect(engine.readData()).toBeNull();
  });
});
