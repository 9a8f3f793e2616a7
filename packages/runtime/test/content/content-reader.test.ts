import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { ContentReader, type ContentReaderOptions } from "../../src/content/content-reader.ts";

const settings = { text: true, html: false, attachments: "metadata" } as const;

function programOf(name: string): URL {
  return pathToFileURL(join(import.meta.dirname, name));
}

function readerWith(options: Partial<ContentReaderOptions> = {}): ContentReader {
  return new ContentReader({ settings, program: programOf("bad-process.mjs"), ...options });
}

async function* mail(...pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

describe("the reader of contents", () => {
  it("reads one message after the other, whatever pieces they come in", async () => {
    await using reader = new ContentReader({ settings, program: programOf("reading-process.mjs") });
    const whole = await reader.read(
      mail("From: Joe <Joe@Example.org>\r\nSubject: a\r\n\r\nGood morning\r\n"),
    );
    expect(whole.text?.trim()).toBe("Good morning");
    expect(whole.addresses).toEqual([{ role: "from", address: "joe@example.org", displayName: "Joe" }]);
    const pieces = await reader.read(mail("Subject: a\r", "\n\r", "\nGood ", "evening\r\n"));
    expect(pieces.text?.trim()).toBe("Good evening");
    expect((await reader.read(mail())).text).toBe("");
  });

  it.each([
    ["throws", "throw", "thrown on purpose"],
    ["ends the process", "exit", "ended in the middle"],
    ["never ends", "hang", "longer than 0.5 s"],
    ["takes all memory", "memory", "more memory than is allowed"],
    ["takes much memory at once", "much at once", "more memory than is allowed"],
  ])("fails with a message that %s, and reads the next one", async (_what, subject, reason) => {
    await using reader = readerWith({ mostMs: subject === "hang" ? 500 : 30_000, mostMemory: 64 });
    await expect(reader.read(mail(subject))).rejects.toMatchObject({ fault: "message" });
    await expect(reader.read(mail(subject))).rejects.toThrow(reason);
    expect((await reader.read(mail("good"))).text).toBe("good");
    expect(await reader.works()).toBe(true);
  });

  it("says that it is its own fault where it cannot start", async () => {
    await using reader = readerWith({ program: programOf("no-such-process.mjs") });
    await expect(reader.read(mail("good"))).rejects.toMatchObject({ fault: "reader" });
    expect(await reader.works()).toBe(false);
  });

  it("ends when it is told to, in the middle of a message", async () => {
    await using reader = readerWith();
    await reader.read(mail("good"));
    const failed = expect(reader.read(mail("hang"))).rejects.toThrow("ended in the middle");
    await reader.end();
    await failed;
    expect((await reader.read(mail("good"))).text).toBe("good");
  });

  it("passes on what went wrong with the octets themselves", async () => {
    await using reader = readerWith();
    // biome-ignore lint/correctness/useYield: it throws before it gives anything.
    const broken = (async function* (): AsyncGenerator<Uint8Array> {
      throw new RangeError("no octets");
    })();
    await expect(reader.read(broken)).rejects.toThrow(RangeError);
    expect((await reader.read(mail("good"))).text).toBe("good");
  });
});
