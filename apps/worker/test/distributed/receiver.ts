import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A webhook that remembers whom it was told of, by the idempotency key. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** The subject by the key. */
  readonly told: ReadonlyMap<string, string>;
  /** How often it was told, repetitions included. */
  readonly times: number;
  /** The subjects of a maildrop in the order in which they first came. */
  subjects(maildrop: string): readonly string[];
}

/** Starts it; `refuse` says which calls fail, so that something is to be tried again, `onTold` is called at the others. */
export async function startReceiver(
  refuse: (n: number) => boolean,
  onTold: () => void = () => {},
): Promise<Receiver> {
  const told = new Map<string, string>();
  const order = new Map<string, string[]>();
  let times = 0;
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      times++;
      if (refuse(times)) {
        response.writeHead(503).end();
        return;
      }
      const { idempotencyKey, data } = JSON.parse(body);
      if (!told.has(idempotencyKey))
        order.set(data.maildrop, [...(order.get(data.maildrop) ?? []), data.subject]);
      told.set(idempotencyKey, data.subject);
      response.writeHead(204).end();
      onTold();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    told,
    get times() {
      return times;
    },
    subjects: (maildrop) => order.get(maildrop) ?? [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
