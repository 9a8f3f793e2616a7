// A process in which the optional packages are not installed: Node looks for them where nothing is. Logs in by OAuth 2,
// hands a job to a queue, and says what comes of it.
import { register } from "node:module";
import path from "node:path";
import process from "node:process";
import { withSource } from "../../../../scripts/typescript.mjs";

const elsewhere = `
  const missing = /(?:^|[/]node_modules[/])(bullmq|ioredis|openid-client)(?:[/]|$)/;
  export function resolve(specifier, context, next) {
    const [, name] = missing.exec(specifier) ?? [];
    return name ? next(name, { ...context, parentURL: "file:///nowhere/" }) : next(specifier, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(elsewhere)}`);

/** @param {() => Promise<unknown>} work */
async function tell(work) {
  try {
    await work();
    process.stdout.write("done\n");
  } catch (error) {
    const { code, message } = /** @type {{ code: string, message: string }} */ (error);
    process.stdout.write(`${code}: ${message}\n`);
  }
}

const folder = path.resolve(import.meta.dirname, "../..");
await withSource(folder, "/src/oauth2/authorization-server.ts", ({ AuthorizationServer }) =>
  tell(() =>
    AuthorizationServer.discover({
      account: "work",
      settings: {
        provider: null,
        grant: "browser",
        issuer: "https://login.example.org",
        clientId: "id",
        clientSecret: null,
        scopes: [],
      },
      clientSecret: null,
    }),
  ),
);
await withSource(folder, "/src/outbox/queue.ts", async ({ HookQueues }) => {
  const queues = new HookQueues();
  await tell(() => queues.deliver({}, { url: "redis://localhost", queue: "mail", timeoutMs: 1000 }));
  await queues[Symbol.asyncDispose]();
});
