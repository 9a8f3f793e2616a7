import { headerEvidence, MessageDigester } from "@mailonce/core";
import { CommandRefusedError, type Pop3Client, Pop3Error } from "@mailonce/pop3";
import type { Trial } from "./facts.ts";
import type { Listed } from "./listing-quality.ts";

/** How many messages are retrieved for a trial, each of at most so many listed octets. */
const TRIAL_MESSAGES = 3;
const TRIAL_OCTETS = 64 * 1024;
const MOST_OCTETS = 4 * TRIAL_OCTETS;
/** A larger message is read to its end, as a fetch does, but no farther than so many octets. */
const READ_PAST = 128 * 1024 * 1024;
/** Commands that are sent at once. */
const PIPELINED = 12;

/** A message that was retrieved. */
export interface TrialMessage {
  readonly messageNumber: number;
  readonly listedOctets: number;
  readonly octets: number;
  readonly headerDigest: Uint8Array;
}

/** Chooses small messages to try TOP and RETR on. Unlike sizes show whether a server gives the same answer for all. */
export function chooseForTrial(listed: readonly Listed[]): Listed[] {
  const small = listed.filter(({ octets }) => octets !== null && octets > 0 && octets <= TRIAL_OCTETS);
  const bySize = new Map(small.map((one) => [one.octets, one]));
  const unlike = [...bySize.values()].slice(-TRIAL_MESSAGES);
  const others = small.filter((one) => !unlike.includes(one));
  return [...unlike, ...others.slice(-TRIAL_MESSAGES)].slice(0, TRIAL_MESSAGES);
}

/** Digests of the headers that `TOP n 0` gives; null where it is refused. */
export async function tryTop(client: Pop3Client, chosen: readonly Listed[]): Promise<(Uint8Array | null)[]> {
  const numbers = chosen.map(({ messageNumber }) => messageNumber);
  const digests: (Uint8Array | null)[] = [];
  for await (const reply of client.topMany(numbers, { pipelining: false })) {
    digests.push(reply.kind === "header" ? headerEvidence(reply.header).headerDigest : null);
  }
  return digests;
}

/** Sends several commands at once. If the answers do not come within `ms`, it closes the session. */
export async function tryPipelining(
  client: Pop3Client,
  listed: readonly Listed[],
  ms: number,
): Promise<Trial> {
  if (listed.length === 0) return "untried";
  const numbers = Array.from({ length: PIPELINED }, (_, n) => listed[n % listed.length]?.messageNumber ?? 1);
  const timer = setTimeout(() => void client.close(), ms);
  try {
    let answers = 0;
    for await (const reply of client.listMany(numbers, { pipelining: true })) {
      // The client reports an answer for another message as malformed.
      if (reply.kind !== "listed" && !(reply.error instanceof CommandRefusedError)) return "broken";
      answers++;
    }
    return answers === numbers.length ? "works" : "broken";
  } catch (error) {
    if (error instanceof Pop3Error) return "broken";
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Retrieves the messages one after another. A refusal is given in the server's words. */
export async function tryRetr(
  client: Pop3Client,
  chosen: readonly Listed[],
): Promise<{ readonly messages: TrialMessage[]; readonly refusals: string[] }> {
  const messages: TrialMessage[] = [];
  const refusals: string[] = [];
  for (const { messageNumber, octets } of chosen) {
    try {
      const { content } = await client.retr(messageNumber, { mostOctets: READ_PAST });
      const digester = new MessageDigester();
      let received = 0;
      for await (const chunk of content) {
        received += chunk.length;
        digester.update(chunk);
        // It is much larger than LIST says: not worth reading for a trial.
        if (received > MOST_OCTETS) break;
      }
      const { headerDigest } = digester.finish();
      messages.push({ messageNumber, listedOctets: octets ?? 0, octets: received, headerDigest });
    } catch (error) {
      if (!(error instanceof CommandRefusedError) || !error.sessionUsable) throw error;
      refusals.push(error.statusText);
    }
  }
  return { messages, refusals };
}

/** Whether TOP works: compares what TOP and RETR gave for the same messages. */
export function topTrial(
  chosen: readonly Listed[],
  tops: readonly (Uint8Array | null)[],
  messages: readonly TrialMessage[],
): Trial {
  if (tops.length > 0 && tops.every((digest) => digest === null)) return "refused";
  const compared = messages.flatMap(({ messageNumber, headerDigest }) => {
    const digest = tops[chosen.findIndex((one) => one.messageNumber === messageNumber)] ?? null;
    return digest === null ? [] : [Buffer.compare(digest, headerDigest) === 0];
  });
  if (compared.length === 0) return "untried";
  return compared.every(Boolean) ? "works" : "broken";
}
