import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

const CHUNK = 64 * 1024;
/** Reading a pipe is given up if nothing is written into it for so long. */
const PIPE_PATIENCE_MS = 10_000;
const PIPE_PAUSE_MS = 20;

/** What an error with the code ETIMEDOUT means, in words for people. */
export const PIPE_TIMED_OUT = "nothing was written into this pipe for 10 seconds";

/** Opens a file for {@link readAtMost}. @throws the system's error */
export async function openToRead(path: string): Promise<FileHandle> {
  // To open a named pipe that nobody writes to would hold up a thread for ever, and with it the end of the process.
  const isPipe = (await stat(path)).isFIFO();
  return open(path, isPipe ? constants.O_RDONLY | constants.O_NONBLOCK : constants.O_RDONLY);
}

/**
 * All octets of an open file, or null if there are more than so many: a device or a pipe may have no end.
 * @throws the system's error; one with the code ETIMEDOUT if nothing is written into a pipe for 10 seconds
 */
export async function readAtMost(
  file: FileHandle,
  maxOctets: number,
  pipePatienceMs = PIPE_PATIENCE_MS,
): Promise<Buffer | null> {
  const isPipe = (await file.stat()).isFIFO();
  const chunks: Buffer[] = [];
  let octets = 0;
  let deadline = performance.now() + pipePatienceMs;
  for (;;) {
    const chunk = await readChunk(file);
    // Nobody has written into the pipe yet, or the writer has more to write.
    const mayCome = isPipe && (chunk === null || (chunk.length === 0 && octets === 0));
    if (mayCome) {
      if (performance.now() >= deadline)
        throw Object.assign(new Error("nothing was written into the pipe"), { code: "ETIMEDOUT" });
      await delay(PIPE_PAUSE_MS);
      continue;
    }
    if (chunk === null || chunk.length === 0) return Buffer.concat(chunks);
    octets += chunk.length;
    if (octets > maxOctets) return null;
    chunks.push(chunk);
    deadline = performance.now() + pipePatienceMs;
  }
}

/** What comes next, empty at the end; null where nothing can be read at the moment. */
async function readChunk(file: FileHandle): Promise<Buffer | null> {
  try {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, null);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return null;
    throw error;
  }
}
