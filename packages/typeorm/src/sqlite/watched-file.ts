import { StoreUnavailableError } from "@mailonce/core";
import { fileKey } from "./open-files.ts";
import { isSharedInWal, sharedError } from "./sharing.ts";

/** How often it is looked who else has the file open, in milliseconds: that takes a tenth of one. */
const LOOK_MS = 250;

/** The file of an open database: still the one that was opened, and no other SQLite library's? */
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

  /** Before a transaction. @throws MailonceError (`sqlite-shared`) */
  expectAlone(): void {
    const now = performance.now();
    if (!this.#isShared && now - this.#looked > LOOK_MS) {
      this.#looked = now;
      this.#isShared = isSharedInWal(this.path);
    }
    if (this.#isShared) throw sharedError(this.#place);
  }

  /** Before a commit, which would go nowhere. @throws StoreUnavailableError */
  expectSame(): void {
    if (fileKey(this.path) === this.#key) return;
    throw new StoreUnavailableError(
      `${this.#place} was removed or replaced while it was open: nothing more is written to it. Open the store again.`,
    );
  }

  /** False where another library has the file open: to close a connection drops its locks, and perhaps its log. */
  get mayBeClosed(): boolean {
    this.#isShared ||= isSharedInWal(this.path);
    return !this.#isShared;
  }
}
