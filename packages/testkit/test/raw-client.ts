import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** A client that knows no POP3: it writes octets and waits for octets. */
export class RawClient implements AsyncDisposable {
  #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #room: Buffer = this.#received;
  #ended: boolean = false;
  #error: NodeJS.ErrnoException | undefined;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#attach(socket);
  }

  static open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: "127.0.0.1" });
    return new Promise((resolve, reject) => {
      socket.once("connect", () => resolve(new RawClient(socket)));
      socket.once("error", reject);
    });
  }

  static openTls(port: number, ca: string): Promise<RawClient> {
    const socket = connectTls({ port, host: "127.0.0.1", ca, servername: "localhost" });
    return new Promise((resolve, reject) => {
      socket.once("secureConnect", () => resolve(new RawClient(socket)));
      socket.once("error", reject);
    });
  }

  /** How the connection ended: an error's code, or undefined after a FIN. */
  get errorCode(): string | undefined {
    return this.#error?.code;
  }

  send(text: string): void {
    this.#socket.write(Buffer.from(text, "latin1"));
  }

  /** Everything up to and with these octets. */
  async until(end: string): Promise<string> {
    for (;;) {
      const found = this.#received.indexOf(end, 0, "latin1");
      if (found >= 0) return this.#take(found + end.length).toString("latin1");
      if (this.#ended) throw new Error(`The connection ended before ${JSON.stringify(end)}`);
      await this.#more();
    }
  }

  line(): Promise<string> {
    return this.until("\r\n");
  }

  /** Sends a command and gives its one line. */
  command(text: string): Promise<string> {
    this.send(`${text}\r\n`);
    return this.line();
  }

  /** Sends a command and gives its whole multi-line reply as octets, still byte-stuffed. */
  async multiLine(text: string): Promise<{ readonly status: string; readonly body: Buffer }> {
    const status = await this.command(text);
    if (!status.startsWith("+OK")) throw new Error(status);
    let from = 0;
    for (;;) {
      const empty = this.#received.subarray(0, 3).toString("latin1") === ".\r\n";
      const found = empty ? -2 : this.#received.indexOf("\r\n.\r\n", from);
      from = Math.max(0, this.#received.length - 4);
      if (found !== -1) {
        const body = this.#take(found + 2);
        this.#take(3);
        return { status, body };
      }
      if (this.#ended) throw new Error("The connection ended in a reply");
      await this.#more();
    }
  }

  async logIn(user = "alice", password = "secret"): Promise<void> {
    await this.line();
    for (const command of [`USER ${user}`, `PASS ${password}`]) {
      const answer = await this.command(command);
      if (!answer.startsWith("+OK")) throw new Error(answer);
    }
  }

  /** Everything until the server ends the connection. */
  async rest(): Promise<string> {
    while (!this.#ended) await this.#more();
    return this.#take(this.#received.length).toString("latin1");
  }

  async startTls(ca: string): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners();
    const secured = connectTls({ socket: plain, ca, servername: "localhost" });
    await new Promise<void>((resolve, reject) => {
      secured.once("secureConnect", resolve);
      secured.once("error", reject);
    });
    this.#socket = secured;
    this.#attach(secured);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }

  #attach(socket: Socket): void {
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    const chunks = (data: Buffer): void => {
      this.#append(data);
      this.#wake();
    };
    socket.on("data", chunks).on("end", end).on("close", end);
    socket.on("error", (error) => {
      this.#error = error;
      end();
    });
  }

  /** Doubles the room when it is used up: one copy for each octet, however long the reply. */
  #append(data: Buffer): void {
    const length = this.#received.length + data.length;
    const start = this.#received.byteOffset - this.#room.byteOffset;
    if (this.#received.buffer !== this.#room.buffer || start < 0 || start + length > this.#room.length) {
      const room = Buffer.allocUnsafeSlow(Math.max(length * 2, 65_536));
      this.#received.copy(room);
      this.#room = room;
      data.copy(room, this.#received.length);
      this.#received = room.subarray(0, length);
      return;
    }
    data.copy(this.#room, start + this.#received.length);
    this.#received = this.#room.subarray(start, start + length);
  }

  #take(octets: number): Buffer {
    const taken = this.#received.subarray(0, octets);
    this.#received = this.#received.subarray(octets);
    return taken;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Takes one dot from each line that begins with one (RFC 1939 section 3). */
export function unstuff(body: Buffer): Buffer {
  return Buffer.from(body.toString("latin1").replace(/(^|\r\n)\./g, "$1"), "latin1");
}
