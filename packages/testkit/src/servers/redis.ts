import { findProgram, type RunningProcess, startProcess } from "../system/child.ts";
import { DataServer, type RestartableServer } from "../system/data-server.ts";
import { freePort } from "../system/free-port.ts";
import { temporaryFolder } from "../system/temporary-folder.ts";

/** A real Redis on a free port of 127.0.0.1, with its data in a temporary folder. */
export interface Redis extends RestartableServer {
  /** `redis://127.0.0.1:port` */
  readonly url: string;
}

/** How Redis is set up. */
export interface RedisOptions {
  /** More parameters of redis-server, such as `--maxmemory 10mb`. */
  readonly parameters?: readonly string[];
}

/**
 * Starts Redis (Debian: redis-server) with an append-only file, so that a restart loses at most a second; resolves when
 * it accepts connections.
 * @throws Error if it is missing or does not come up, with its log
 */
export async function startRedis({ parameters = [] }: RedisOptions = {}): Promise<Redis> {
  const program = findProgram("redis-server");
  if (program === undefined) throw new Error("Redis is missing: apt-get install redis-server");
  const server = new RedisServer(program, temporaryFolder("mailonce-redis-"), await freePort(), parameters);
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

class RedisServer extends DataServer implements Redis {
  protected readonly ready = /Ready to accept connections/;

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  protected launch(program: string): Promise<RunningProcess> {
    return startProcess(program, [
      ...["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.folder.path, "--save", ""],
      ...["--appendonly", "yes", "--daemonize", "no", "--logfile", "", ...this.parameters],
    ]);
  }
}
