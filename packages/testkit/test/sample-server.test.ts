import { expect, test } from "vitest";
import { startSampleServer } from "../src/index.ts";
import { RawClient, unstuff } from "./raw-client.ts";

test("shows twelve messages, and three more one after the other", async () => {
  const sample = await startSampleServer();
  await using server = sample.server;
  const counts: string[] = [];
  do {
    await using client = await RawClient.open(server.port);
    await client.logIn();
    counts.push((await client.command("STAT")).split(" ")[1] ?? "");
  } while (sample.deliverNext());
  expect(counts).toEqual(["12", "13", "14", "15"]);
  await using client = await RawClient.open(server.port);
  await client.logIn();
  for (const [index, message] of server.maildrop.messages.entries()) {
    expect(unstuff((await client.multiLine(`RETR ${index + 1}`)).body)).toEqual(message.bytes);
  }
});
