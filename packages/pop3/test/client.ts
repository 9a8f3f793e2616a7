import { connect, type DropListing, type Pop3Client, Pop3Error, type Pop3Options } from "../src/index.ts";
import type { TestServer } from "./server.ts";

export const local = (server: TestServer, options: Partial<Pop3Options> = {}): Pop3Options => ({
  host: "127.0.0.1",
  port: server.port,
  security: "plain",
  ...options,
});

/** A client that is logged in. */
export async function loggedIn(server: TestServer, options: Partial<Pop3Options> = {}): Promise<Pop3Client> {
  const client = await connect(local(server, options));
  await client.login({ user: "u", password: "hunter2" });
  return client;
}

/** The error that a promise is expected to reject with. */
export async function errorOf(promise: Promise<unknown>): Promise<Pop3Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Pop3Error) return error;
    throw error;
  }
  throw new Error("did not reject");
}

export async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}

/** All listings: STAT's answer, and the bodies of UIDL, null if it is refused, and of LIST. */
export async function allListings(client: Pop3Client) {
  let stat: DropListing | null = null;
  let uidl: string | null = "";
  let list = "";
  for await (const part of client.listings()) {
    if (part.kind === "stat") stat = { count: part.count, octets: part.octets };
    else if (part.kind === "no-uidl") uidl = null;
    else if (part.kind === "uidl") uidl += Buffer.from(part.octets).toString("latin1");
    else list += Buffer.from(part.octets).toString("latin1");
  }
  return { stat, uidl, list };
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const item of items) read.push(item);
  return read;
}
