// Loaded with node --import: this process's clock is CLOCK_BACK_MS behind the system's, and SIGUSR2 sets it back by
// an hour more, for all who ask what time it is.
const { now } = Date;
let backMs = Number(process.env["CLOCK_BACK_MS"] ?? 0);

Date.now = () => now() - backMs;
globalThis.Date = new Proxy(Date, {
  construct: (target, values) => Reflect.construct(target, values.length === 0 ? [target.now()] : values),
});
process.on("SIGUSR2", () => {
  backMs += 3_600_000;
});
