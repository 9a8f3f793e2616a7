// Loaded with node --import: SIGUSR2 sets this process's clock forward by an hour, for all who ask what time it is.
const { now } = Date;
let aheadMs = 0;

Date.now = () => now() + aheadMs;
globalThis.Date = new Proxy(Date, {
  construct: (target, values) => Reflect.construct(target, values.length === 0 ? [target.now()] : values),
});
process.on("SIGUSR2", () => {
  aheadMs += 3_600_000;
});
