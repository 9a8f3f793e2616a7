// The POP3 client alone, as any runtime can use it: lists and retrieves over each kind of line, and refuses what it must.
import { readFileSync } from "node:fs";
import { connect, type Pop3Options } from "@mailonce/pop3";

interface Served {
  readonly security: "plain" | "stls" | "tls";
  readonly port: number;
}

const env = process.env;
const servers: readonly Served[] = JSON.parse(env["POP3_SERVERS"] ?? "[]");
const ca = readFileSync(env["POP3_CA"] ?? "", "utf8");
const credentials = { user: "alice", password: env["MAILONCE_PASSWORD"] ?? "" };

for (const { security, port } of servers) {
  const options: Pop3Options = { host: "localhost", port, security, tls: { ca } };
  const client = await connect(options);
  await client.login(credentials);
  const requests = [];
  for await (const { messageNumber, octets } of client.list())
    requests.push({ messageNumber, listedOctets: octets });
  let octets = 0;
  for await (const reply of client.retrMany(requests)) {
    if (reply.kind === "refused") throw reply.error;
    for await (const chunk of reply.content) octets += chunk.length;
    if (reply.content.suspect) throw new Error("a message came short");
  }
  await client.quit();
  const bound = await outcome(async () => {
    const other = await connect(options);
    try {
      await other.login(credentials, { requireChannelBinding: true });
    } finally {
      await other.close();
    }
  });
  console.log(security, requests.length, octets, bound);
}
const port = servers.find(({ security }) => security === "tls")?.port ?? 0;
const refused: readonly (readonly [string, Pop3Options])[] = [
  ["unknown authority", { host: "localhost", port, security: "tls" }],
  [
    "another name",
    { host: "localhost", port, security: "tls", tls: { ca, servername: "elsewhere.example" } },
  ],
  [
    "another pin",
    { host: "localhost", port, security: "tls", tls: { ca, pinnedCertificates: ["0".repeat(64)] } },
  ],
  ["waits for TLS", { host: "localhost", port, security: "stls", timeouts: { silenceMs: 300 } }],
];
for (const [what, options] of refused) console.log(what, await outcome(() => connect(options)));

async function outcome(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return "went well";
  } catch (error) {
    // Whatever a runtime lacks must come as one of the client's own errors.
    return error instanceof Error && "code" in error
      ? String(error.code)
      : `no error of the client: ${error}`;
  }
}
