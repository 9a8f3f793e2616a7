import { StoreUnavailableError } from "@mailonce/core";
import { fileKey } from "./open-files.ts";
import { isSharedInWal, sharedError } from "./sharing.ts";

/** Milliseconds between two looks at who else has the file open; a look takes a tenth of a millisecond. */
const LOOK_MS = 250;

/** Watches the file of an open database: another SQLite library may open it, too, and somebody may replace it. */
export class WatchedFile {
  /** As SQLite has it (PRAGMA database_list): absolute, without links. */
  readonly path: string;
  readonly #key: string | null;
  readonly #place: string;
  #looked = Number.NEGATIVE_INFINITY;
  #isShared = false;

  /** @param place for people */
  constructor(path: string, place: string) {
    this.path = path;
    this.#key = fileKey(path);
    this.#place = place;
  }

  /** To be called before a transaction. @throws MailonceError (`sqlite-shared`) */
  expectAlone(): void {
    const now = performance.now();
    if (!this.#isShared && now - this.#looked > LOOK_MS) {
      this.#looked = now;
      this.#isShared = isSharedInWal(this.path);
    }
    if (this.#isShared) throw sharedError(this.#place);
  }

  /** To be called before a commit, which would be lost with a file that was removed. @throws StoreUnavailableError */
  expectSame(): void {
    if (fileKey(this.path) === this.#key) return;
    throw new StoreUnavailableError(
      `${this.#place} was removed or replaced while it was open: nothing more is written to it. Open the store again.`,
    );
  }

  /** False if another library has the file open: closing a connection would drop that library's locks, and perhaps its log. */
  get mayBeClosed(): boolean {
    this.#isShared ||= isSharedInWal(this.path);
    return !this.#isShared;
  }
}
