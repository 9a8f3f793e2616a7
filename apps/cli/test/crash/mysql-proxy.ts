import { Buffer } from "node:buffer";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Moment, Statement } from "./statements.ts";

/** Something that happens at one statement. */
export interface Strike {
  /** The statement, by number or by its text; once only. */
  readonly at: (statement: ProxiedStatement) => boolean;
  readonly moment: Moment;
  /** What happens then; the statement's connection goes no further. */
  readonly strike: (connection: ProxiedConnection) => void;
}

/** A statement, and over which connection it came, counted from 1. */
export interface ProxiedStatement extends Statement {
  readonly connection: number;
}

/** A connection between the command and the database. */
export interface ProxiedConnection {
  /** Breaks it on both sides. */
  cut(): void;
}

const COM_QUERY = 0x03;
const COM_STMT_PREPARE = 0x16;
const COM_STMT_EXECUTE = 0x17;

/**
 * Stands between a client and a MySQL or MariaDB server and reads along, just enough to see each statement's text and
 * to strike before it is forwarded, while the server has it, and before or after its answer is returned.
 */
export class MysqlProxy implements AsyncDisposable {
  #connections = 0;
  /** All statements that were sent to be carried out, over all connections. */
  readonly statements: Statement[] = [];
  strike: Strike | null = null;
  readonly #watching = new Set<(sql: string) => void>();
  readonly #port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client));
  }

  /** In front of the server on that port of 127.0.0.1. */
  static async start(port: number): Promise<MysqlProxy> {
    const proxy = new MysqlProxy(port);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  /** The database's URL by way of the proxy. */
  urlOf(url: string): string {
    return url.replace(`:${this.#port}/`, `:${this.port}/`);
  }

  /** Resolves when the next statement like this arrives; it is carried out. */
  next(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = (sql: string): void => {
        if (!pattern.test(sql)) return;
        this.#watching.delete(look);
        resolve();
      };
      this.#watching.add(look);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(client: Socket): void {
    const server = connect({ host: "127.0.0.1", port: this.#port, noDelay: true });
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    const number = ++this.#connections;
    const connection = new Connection(client, server, (sql) => this.#take(sql, number));
    client.on("data", (octets) => connection.fromClient(octets));
    server.on("data", (octets) => connection.fromServer(octets));
  }

  /** Counts the statement; gives the strike that it meets. */
  #take(sql: string, connection: number): Strike | null {
    const statement = { number: this.statements.length + 1, sql, connection };
    this.statements.push(statement);
    for (const look of [...this.#watching]) look(sql);
    const { strike } = this;
    if (strike === null || !strike.at(statement)) return null;
    this.strike = null;
    return strike;
  }
}

class Connection implements ProxiedConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #take: (sql: string) => Strike | null;
  readonly #prepared = new Map<number, string>();
  #pending: Buffer = Buffer.alloc(0);
  /** The text whose statement number the server's next packet tells. */
  #preparing: string | null = null;
  #answer: Buffer = Buffer.alloc(0);
  /** Waits for the server's answer. */
  #strike: Strike | null = null;
  #halted = false;

  constructor(client: Socket, server: Socket, take: (sql: string) => Strike | null) {
    this.#client = client;
    this.#server = server;
    this.#take = take;
  }

  cut(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  fromClient(octets: Buffer): void {
    if (this.#halted) return;
    this.#pending = this.#pending.length === 0 ? octets : Buffer.concat([this.#pending, octets]);
    while (this.#pending.length >= 4) {
      const size = this.#pending.readUIntLE(0, 3) + 4;
      if (this.#pending.length < size) return;
      const packet = this.#pending.subarray(0, size);
      this.#pending = this.#pending.subarray(size);
      // The log-in's packets have other sequence numbers than 0.
      const strike = packet[3] === 0 ? this.#command(packet.subarray(4)) : null;
      if (strike?.moment === "before") {
        this.#halted = true;
        strike.strike(this);
        return;
      }
      this.#server.write(packet);
      if (strike?.moment === "during") {
        this.#halted = true;
        // Not before the kernel has it: an earlier end could leave it unsent.
        this.#server.write(Buffer.alloc(0), () => strike.strike(this));
        return;
      }
      this.#strike = strike;
    }
  }

  fromServer(octets: Buffer): void {
    if (this.#halted) return;
    if (this.#preparing !== null) this.#prepareAnswered(octets);
    const strike = this.#strike;
    if (strike === null) {
      this.#client.write(octets);
      return;
    }
    this.#halted = true;
    if (strike.moment === "after") strike.strike(this);
    else this.#client.write(octets, () => strike.strike(this));
  }

  #command(payload: Buffer): Strike | null {
    const text = (): string => payload.toString("latin1", 1, 400);
    switch (payload[0]) {
      case COM_QUERY:
        return this.#take(text());
      case COM_STMT_PREPARE:
        this.#preparing = text();
        this.#answer = Buffer.alloc(0);
        return null;
      case COM_STMT_EXECUTE:
        return this.#take(this.#prepared.get(payload.readUInt32LE(1)) ?? "unknown statement");
      default:
        return null;
    }
  }

  /** COM_STMT_PREPARE_OK: header, 0, and the statement's number in four octets. */
  #prepareAnswered(octets: Buffer): void {
    this.#answer = Buffer.concat([this.#answer, octets]);
    if (this.#answer.length < 9) return;
    if (this.#answer[4] === 0 && this.#preparing !== null)
      this.#prepared.set(this.#answer.readUInt32LE(5), this.#preparing);
    this.#preparing = null;
  }
}
