// node --import promise-probe.mjs PROGRAM: writes how many promises the program made to the file BENCH_PROMISES.
import { createHook } from "node:async_hooks";
import { writeFileSync } from "node:fs";

let promises = 0;
createHook({
  init(_id, type) {
    if (type === "PROMISE") promises += 1;
  },
}).enable();
process.on("exit", () => writeFileSync(process.env["BENCH_PROMISES"] ?? "", `${promises}`));
