import { connect } from "node:net";

/** What to wait for on a port. */
export interface WaitForPortOptions {
  /** The first line of what the server sends must match; without it a connection is enough. */
  readonly greeting?: RegExp;
  /** Gives up after so many ms. Default 20,000. */
  readonly timeout?: number;
  /** Gives up when this answers a reason, for instance that the server's process has ended. */
  readonly abandon?: () => string | undefined;
}

/**
 * Connects to a port of 127.0.0.1 until it accepts (and greets).
 * @throws Error when the time is up or `abandon` gives a reason
 */
export async function waitForPort(port: number, options: WaitForPortOptions = {}): Promise<void> {
  const deadline = Date.now() + (options.timeout ?? 20_000);
  for (;;) {
    const patience = Math.min(2000, Math.max(100, deadline - Date.now()));
    if (await answers(port, options.greeting, patience)) return;
    const reason = options.abandon?.();
    if (reason !== undefined) throw new Error(reason);
    if (Date.now() > deadline) throw new Error(`Nothing answers on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function answers(port: number, greeting: RegExp | undefined, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    let received = "";
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(patience, () => settle(false));
    socket.on("error", () => settle(false));
    socket.on("close", () => settle(false));
    socket.on("connect", () => {
      if (greeting === undefined) settle(true);
    });
    socket.on("data", (data) => {
      received += data.toString("latin1");
      if (received.includes("\n")) settle(greeting?.test(received) ?? true);
    });
  });
}
