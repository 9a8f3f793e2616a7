import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram, startProcess } from "../system/child.ts";
import { freePort } from "../system/free-port.ts";
import { waitForPort } from "../system/port.ts";
import { temporaryFolder } from "../system/temporary-folder.ts";

/** What a proxy asks of its clients. */
export interface ProxyOptions {
  /** Without it everybody may use it. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Ports that it connects to. Default all; only of an HTTP proxy. */
  readonly ports?: readonly number[];
}

/** A real proxy on a free port of 127.0.0.1. */
export interface ProxyServer extends AsyncDisposable {
  readonly port: number;
  /** What it has logged so far; it names the hosts as they were asked for. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts microsocks, a SOCKS 5 proxy. @throws Error if it is missing or does not come up */
export async function startSocksProxy(options: ProxyOptions = {}): Promise<ProxyServer> {
  const { login } = options;
  const asked = login === undefined ? [] : ["-u", login.user, "-P", login.password];
  return await start("microsocks", (port) => ["-i", "127.0.0.1", "-p", String(port), ...asked]);
}

/** Starts tinyproxy, an HTTP proxy that knows CONNECT. @throws Error if it is missing or does not come up */
export async function startHttpProxy(options: ProxyOptions = {}): Promise<ProxyServer> {
  const { login, ports = [] } = options;
  return await start("tinyproxy", (port, folder) => {
    const file = join(folder, "tinyproxy.conf");
    const lines = [
      `Port ${port}`,
      "Listen 127.0.0.1",
      "Timeout 600",
      "MaxClients 20",
      "LogLevel Info",
      "DisableViaHeader Yes",
      ...(login === undefined ? [] : [`BasicAuth ${login.user} ${login.password}`]),
      ...ports.map((one) => `ConnectPort ${one}`),
    ];
    writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
    return ["-d", "-c", file];
  });
}

async function start(
  name: string,
  parameters: (port: number, folder: string) => readonly string[],
): Promise<ProxyServer> {
  const program = findProgram(name);
  if (program === undefined) throw new Error(`${name} is missing: apt-get install ${name}`);
  const folder = temporaryFolder(`mailonce-${name}-`);
  const port = await freePort();
  const process = await startProcess(program, parameters(port, folder.path));
  const stop = async (): Promise<void> => {
    // There is nothing to be kept, and tinyproxy waits for its clients.
    process.kill("SIGKILL");
    await process.ended;
    await folder.remove();
  };
  try {
    await waitForPort(port, {
      abandon: () => (process.running ? undefined : `${name} did not start:\n${process.output()}`),
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, log: () => process.output(), stop, [Symbol.asyncDispose]: stop };
}
