import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TemporaryFolder } from "@mailonce/testkit";

/** Node has no datagram sockets of AF_UNIX; Debian's essential packages have Perl. A line for each message. */
const RECEIVER = `
use Socket; $| = 1;
socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die; bind($socket, sockaddr_un($ARGV[0])) or die; print "listening\\n";
while (defined recv($socket, my $text, 65536, 0)) { $text =~ s/\\n/ /g; print "$text\\n"; }`;

/** The socket that systemd has for its services, and what was said to it. */
export interface NotifySocket extends AsyncDisposable {
  readonly path: string;
  readonly told: readonly string[];
  /** Resolves as soon as so many messages match, past ones included. */
  reached(pattern: RegExp, count?: number): Promise<void>;
}

let sockets = 0;

export async function startNotifySocket(folder: TemporaryFolder): Promise<NotifySocket> {
  const path = join(folder.path, `notify-${++sockets}`);
  const child = spawn("perl", ["-e", RECEIVER, path], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const told: string[] = [];
  const waiting = new Set<() => void>();
  await once(lines, "line");
  lines.on("line", (line) => {
    // By this systemd-notify waits until the message before was taken: the worker has not said it.
    if (line.trim() === "BARRIER=1") return;
    told.push(line.trim());
    for (const look of [...waiting]) look();
  });
  return {
    path,
    told,
    reached: (pattern, count = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (told.filter((line) => pattern.test(line)).length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
