import { parseArgs } from "node:util";
import { runWorker } from "./worker/run-worker.ts";

const HELP = `Usage: mailonce-worker [--config FILE]

Keeps POP3 accounts fetched into a database, day and night.

  -c, --config FILE   the accounts file (default: MAILONCE_CONFIG, or mailonce.yaml where it usually is)
  -h, --help          this text
  -V, --version       the version

Environment:
  MAILONCE_DATABASE, MAILONCE_DATABASE_PASSWORD   where the mail goes, if the file does not say
  MAILONCE_QUEUE, MAILONCE_QUEUE_PASSWORD         Redis, instead of the file's worker.queue; its password
  MAILONCE_LISTEN       PORT or HOST:PORT, instead of the file's worker.listen
  MAILONCE_LOG_LEVEL    debug, info (default), warn, error or fatal
  MAILONCE_LOG_FORMAT   json (default), or text (default on a terminal)

Without a file, the smallest configuration:
  MAILONCE_ACCOUNTS     pop3s://USER@HOST …, separated by blanks
  MAILONCE_PASSWORD_1…  their passwords, or MAILONCE_PASSWORD for all
  MAILONCE_INTERVAL     seconds from the end of a run to the next (default 300)
  MAILONCE_CONCURRENCY, MAILONCE_PER_HOST, MAILONCE_SHUTDOWN, MAILONCE_CA

Signals: SIGHUP reads the configuration again, SIGTERM ends in order.
Exit codes: 0 ended by a signal; 2 usage; 69 no database, or 75 it is busy; 77 it refuses the login, or is not trusted;
78 configuration, or a database of a later version; 130 nobody reads its log any more.
`;

const outputClosed = new AbortController();
// Without a listener an error would end the process in the middle of its work. A full disk may have room again.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
  if (code === "EPIPE") outputClosed.abort();
});

async function main(): Promise<number> {
  let values: { readonly config?: string; readonly help?: boolean; readonly version?: boolean };
  try {
    ({ values } = parseArgs({
      options: {
        config: { type: "string", short: "c" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "V" },
      },
    }));
  } catch (error) {
    process.stderr.write(`mailonce-worker: ${(error as Error).message}\n`);
    return 2;
  }
  if (values.help === true) process.stdout.write(HELP);
  else if (values.version === true) {
    const { version } = await import("./process/version.ts");
    process.stdout.write(`${version()}\n`);
  } else
    return runWorker({
      env: process.env,
      config: values.config,
      write: (line) => process.stdout.write(`${line}\n`),
      outputClosed: outputClosed.signal,
      isTerminal: process.stdout.isTTY === true,
    });
  return 0;
}

process.exitCode = await main();
// Nothing is left to do, whatever a library still waits for (BullMQ: for Redis).
setTimeout(() => process.exit(), 500).unref();
