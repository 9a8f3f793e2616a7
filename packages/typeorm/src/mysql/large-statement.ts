/** A number, or octets. */
type PlainValue = number | Uint8Array;

/** Calls back with the error, or with what a statement that writes has done. */
type Answered = (error: unknown, result?: { readonly affectedRows: number }) => void;

/** The part of mysql2's connection that its own commands use. mysql2 has no types for it. */
export interface CommandConnection {
  readonly config: { readonly clientFlags: number };
  readonly serverCapabilityFlags: number;
  readonly clientEncoding: string;
  readonly stream: { cork(): void; uncork(): void };
  prepare(sql: string, done: (error: unknown, statement: { readonly id: number }) => void): unknown;
  addCommand(command: LargeExecute): unknown;
  writePacket(packet: PacketHead): void;
  write(octets: Uint8Array): void;
  _resetSequenceId(): void;
}

/** The beginning of a packet, as mysql2 writes it. */
interface PacketHead {
  readonly buffer: Buffer;
  length(): number;
  writeHeader(sequenceId: number): void;
}

/** A packet from the server. */
interface Answer {
  isError(): boolean;
  asError(encoding: string): Error;
  readInt8(): number;
  readLengthCodedNumber(): number;
}

/** Statements whose values all have fewer octets are left to mysql2: many small pieces take longer to send than one packet. */
const LEAST_OCTETS = 64 * 1024;
/** The three octets of a packet's length say no more. */
const MOST_OCTETS = 0xffffff;
/** Shorter values are copied, as it takes less time than to send one more piece. */
const LEAST_PIECE = 2048;

const HEADER_OCTETS = 4;
const COM_STMT_EXECUTE = 0x17;
const CLIENT_QUERY_ATTRIBUTES = 0x08000000;
const PARAMETER_COUNT_AVAILABLE = 8;
const TYPE_DOUBLE = 5;
const TYPE_BLOB = 0xfc;

/** Whether {@link executeLarge} takes these values, and takes less time for them than mysql2. */
export function isLarge(values: readonly unknown[]): values is readonly PlainValue[] {
  let octets = 0;
  let largest = 0;
  for (const value of values) {
    if (value instanceof Uint8Array) {
      octets += value.length;
      largest = Math.max(largest, value.length);
    } else if (typeof value !== "number") return false;
  }
  return largest >= LEAST_OCTETS && octets + 20 * values.length < MOST_OCTETS;
}

/**
 * Runs a statement that writes, prepared once, with values that together are large. They are sent from where they are, and
 * must not change before the answer.
 *
 * mysql2 copies all values of a statement into a new packet. This memory costs more than to fill it, and as it is not on
 * JavaScript's heap, Node 24 searches the whole heap for garbage after every few statements.
 */
export function executeLarge(
  connection: CommandConnection,
  sql: string,
  values: readonly PlainValue[],
  answered: Answered,
): void {
  connection.prepare(sql, (error, statement) => {
    if (error) answered(error);
    else connection.addCommand(new LargeExecute(statement.id, values, answered));
  });
}

/** COM_STMT_EXECUTE, as a command in mysql2's queue: it is begun when all commands before it are answered. */
class LargeExecute {
  /** mysql2 calls this where the connection breaks. */
  readonly onResult: Answered;
  readonly #statementId: number;
  readonly #values: readonly PlainValue[];

  constructor(statementId: number, values: readonly PlainValue[], answered: Answered) {
    this.#statementId = statementId;
    this.#values = values;
    this.onResult = answered;
  }

  /** Called by mysql2 to begin, then with the answer. Gives true when it is done. */
  execute(answer: Answer | undefined, connection: CommandConnection): boolean {
    if (answer === undefined) {
      this.#send(connection);
      return false;
    }
    if (answer.isError()) {
      this.onResult(answer.asError(connection.clientEncoding));
      return true;
    }
    // An OK packet: 0, and how many rows were written.
    answer.readInt8();
    this.onResult(null, { affectedRows: answer.readLengthCodedNumber() });
    return true;
  }

  #send(connection: CommandConnection): void {
    const flags = connection.config.clientFlags & connection.serverCapabilityFlags;
    const [head = Buffer.alloc(0), ...rest] = piecesOf(
      this.#statementId,
      this.#values,
      (flags & CLIENT_QUERY_ATTRIBUTES) !== 0,
    );
    const octets = rest.reduce((sum, piece) => sum + piece.length, head.length) - HEADER_OCTETS;
    connection._resetSequenceId();
    // All pieces leave in one system call.
    connection.stream.cork();
    connection.writePacket({
      buffer: head,
      length: () => octets,
      writeHeader: (sequenceId) => {
        head.writeUIntLE(octets, 0, 3);
        head[3] = sequenceId;
      },
    });
    for (const piece of rest) connection.write(piece);
    connection.stream.uncork();
  }
}

/**
 * The packet in pieces: long values as they are, and what is between them. The first piece begins with room for the header.
 * Its form: dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_execute.html.
 *
 * @param named true if the server expects names, here empty, as parameters may be query attributes too
 */
function piecesOf(statementId: number, values: readonly PlainValue[], named: boolean): Buffer[] {
  const count = values.length;
  const nulls = (count + 7) >> 3;
  const between = Buffer.alloc(HEADER_OCTETS + 20 + nulls + values.reduce(octetsBetween, 0));
  let at = HEADER_OCTETS;
  at = between.writeUInt8(COM_STMT_EXECUTE, at);
  at = between.writeUInt32LE(statementId, at);
  at = between.writeUInt8(named ? PARAMETER_COUNT_AVAILABLE : 0, at);
  at = between.writeUInt32LE(1, at);
  if (named) at = writeLength(between, count, at);
  // No value is null, and their types follow.
  at = between.writeUInt8(1, at + nulls);
  for (const value of values) {
    at = between.writeUInt16LE(typeof value === "number" ? TYPE_DOUBLE : TYPE_BLOB, at);
    if (named) at++;
  }
  const pieces: Buffer[] = [];
  let from = 0;
  for (const value of values) {
    if (typeof value === "number") {
      at = between.writeDoubleLE(value, at);
      continue;
    }
    at = writeLength(between, value.length, at);
    if (value.length < LEAST_PIECE) {
      between.set(value, at);
      at += value.length;
    } else {
      pieces.push(between.subarray(from, at), Buffer.from(value.buffer, value.byteOffset, value.length));
      from = at;
    }
  }
  if (at > from) pieces.push(between.subarray(from, at));
  return pieces;
}

/** The octets that a value takes between the long ones, at most: its type and name, its length, and itself if it is short. */
function octetsBetween(sum: number, value: PlainValue): number {
  const itself = typeof value === "number" ? 8 : value.length < LEAST_PIECE ? value.length : 0;
  return sum + 3 + 4 + itself;
}

/** A number in the protocol's variable length. */
function writeLength(into: Buffer, length: number, at: number): number {
  if (length < 0xfb) return into.writeUInt8(length, at);
  if (length <= 0xffff) return into.writeUInt16LE(length, into.writeUInt8(0xfc, at));
  return into.writeUIntLE(length, into.writeUInt8(0xfd, at), 3);
}
