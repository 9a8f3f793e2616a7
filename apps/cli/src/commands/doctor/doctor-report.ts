import { columnsOf } from "@mailonce/content/columns";
import type { Finding, Judgement, Verdict } from "@mailonce/runtime/doctor";
import { EXIT } from "../../output/exit-code.ts";
import { safeLine } from "../../output/safe-text.ts";
import type { Terminal } from "../../output/terminal.ts";

const MARKS: Readonly<Record<Verdict, string>> = { ok: "ok  ", look: "LOOK", bad: "BAD " };
const TOPIC_COLUMNS = 14;
const INDENT = " ".repeat(2 + 4 + 2 + TOPIC_COLUMNS + 1);
/** On a terminal with fewer columns lines are not wrapped: there is room for a word or two beside the topic. */
const LEAST_COLUMNS = 60;

/** Writes a judgement for people: each finding with its advice below it, and one line that sums it up. */
export class DoctorReport {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** @throws OutputClosedError, OutputFailedError */
  async write(name: string, judgement: Judgement): Promise<void> {
    const terminal = this.#terminal;
    await terminal.line(terminal.bold(safeLine(name)));
    for (const finding of judgement.findings) await this.#finding(finding);
    await terminal.line(`${safeLine(name)}: ${sum(judgement)}`);
  }

  async #finding({ verdict, topic, message, advice }: Finding): Promise<void> {
    const terminal = this.#terminal;
    const mark = verdict === "ok" ? MARKS[verdict] : terminal.bold(MARKS[verdict]);
    const head = `  ${mark}  ${topic.padEnd(TOPIC_COLUMNS)} `;
    const [first = "", ...rest] = this.#wrap(safeLine(message));
    await terminal.line(`${head}${first}`);
    for (const line of rest) await terminal.line(`${INDENT}${line}`);
    if (advice === null) return;
    const [begin = "", ...more] = this.#wrap(safeLine(advice), 3);
    await terminal.line(`${INDENT}-> ${begin}`);
    for (const line of more) await terminal.line(`${INDENT}   ${line}`);
  }

  /** Breaks a sentence between words, where results go to a terminal that is wide enough. */
  #wrap(text: string, less = 0): string[] {
    const { columns } = this.#terminal;
    if (columns < LEAST_COLUMNS || columns === Number.POSITIVE_INFINITY) return [text];
    const room = columns - INDENT.length - less;
    const lines: string[] = [];
    let line = "";
    for (const word of text.split(" ")) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (columnsOf(longer) <= room || line === "") line = longer;
      else {
        lines.push(line);
        line = word;
      }
    }
    return [...lines, line];
  }
}

function sum({ verdict, findings, ending }: Judgement): string {
  const count = (wanted: Verdict): number => findings.filter((finding) => finding.verdict === wanted).length;
  const looks = count("look");
  const things = `${looks} ${looks === 1 ? "thing" : "things"} to look at`;
  switch (verdict) {
    case "ok":
      return "all is well.";
    case "look":
      return `a fetch works; ${things}.`;
    case "bad":
      return `a fetch would fail now (exit code ${EXIT[ending]})${looks > 0 ? `; ${things} besides` : ""}.`;
  }
}
