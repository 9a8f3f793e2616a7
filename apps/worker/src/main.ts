import { runWorker } from "./worker.ts";

process.exitCode = await runWorker(process.env, (line) => process.stdout.write(`${line}\n`));
