import { fileURLToPath } from "node:url";
import { startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { nodeOf } from "../../../scripts/runtimes.mjs";
import { build, User } from "./mailonce.ts";

const CACHE = fileURLToPath(new URL("../../../node_modules/.cache/nodes", import.meta.url));
/** Its Unicode and its SQLite are others than those of most Nodes. */
const OTHER_NODE = "24.11.0";
const nodes = [process.execPath];

beforeAll(() => {
  build();
  nodes.push(nodeOf(CACHE, OTHER_NODE));
}, 600_000);

const MAIL: readonly (readonly [subject: string, text: string, query: string])[] = [
  ["发票", "请查收附件中的合同文本。", "合同"],
  ["請求書", "東京タワーの前で会いましょう。", "東京タワー"],
  ["ใบแจ้งหนี้", "ขอบคุณสำหรับการสั่งซื้อของคุณ", "การสั่งซื้อ"],
  ["청구서", "내일 회의에서 만나요.", "회의"],
  ["Größe", "Die Straße ist für Fußgänger gesperrt.", "strasse"],
  // New in Unicode 17: an ideograph, and a letter of Tolong Siki.
  ["Ideograph", "他姓\u{323b0}。", "\u{323b0}"],
  ["Letter", "the word \u{11db0}\u{11db1}.", "\u{11db0}\u{11db1}"],
];

it("two Nodes index one database: each finds what the other has read, and reads none of it anew", async () => {
  await using server = await startPop3Server();
  await using user = new User();
  const url = `pop3://alice@127.0.0.1:${server.port}?tls=none`;
  for (const [round, node] of nodes.entries()) {
    server.maildrop.deliverAll(
      MAIL.map(([subject, text]) =>
        Buffer.from(
          `Subject: ${subject} ${round}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n`,
        ),
      ),
    );
    expect(await user.run(["fetch", url], { node })).toMatchObject({ code: 0 });
    expect(await user.run(["index"], { node })).toMatchObject({
      code: 0,
      stdout: `${MAIL.length} messages indexed.\n`,
    });
  }
  // Each of them finds the messages of one subject, and no other.
  const query = MAIL.map((one) => one[2]).join(" OR ");
  const subjects = MAIL.flatMap(([subject]) => [`${subject} 0`, `${subject} 1`]);
  for (const node of nodes) {
    const ended = await user.run(["search", "--json", query], { node });
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
    const found = ended.json.filter(({ type }) => type !== "search").map((line) => line["subject"]);
    expect(found.sort()).toEqual(subjects.toSorted());
    expect((await user.run(["index"], { node })).stdout).toBe("0 messages indexed.\n");
  }
}, 180_000);
