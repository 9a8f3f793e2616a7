import { createHash } from "node:crypto";
import { join } from "node:path";
import { temporaryFolder } from "@mailonce/testkit";
import { openStore, type TypeormStore } from "@mailonce/typeorm";

/** A store of its own in a temporary file. */
export interface StoreWithMail extends AsyncDisposable {
  readonly store: TypeormStore;
  /** The ids of its messages, in their order. */
  readonly ids: readonly string[];
}

export async function storeWith(mail: readonly string[]): Promise<StoreWithMail> {
  const folder = temporaryFolder();
  const store = await openStore({ url: `sqlite:${join(folder.path, "mail.db")}` });
  return {
    store,
    ids: await storeMail(store, mail),
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Stores messages as a fetch does. */
export async function storeMail(store: TypeormStore, mail: readonly string[]): Promise<readonly string[]> {
  const { id: maildropId } = await store.openMaildrop("a");
  const messages = mail.map((text) => {
    const bytes = Buffer.from(text.replaceAll("\n", "\r\n"));
    const digest = createHash("sha256").update(bytes).update(String(++counter)).digest();
    return {
      id: idOf(counter),
      ...{ sha256: digest, digest, copy: 0, octets: bytes.length, messageIdHeader: null, subject: null },
      ...{ from: null, to: null, date: null, dateKind: null, attachments: false, decoder: 1 },
      storedAt: new Date(),
      content: {
        ...{ octets: bytes.length, bytes, discard: () => undefined },
        read: async function* () {
          yield bytes;
        },
      },
    };
  });
  const guard = { generation: 0, leaseToken: null };
  await store.transact(maildropId, guard, (tx) => tx.insertMessages(messages));
  return messages.map(({ id }) => id);
}

let counter = 0;

/** UUIDv7: later ones sort later. */
function idOf(count: number): string {
  const hex = (Date.now() * 4096 + count).toString(16).padStart(15, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(12)}-8000-${String(count).padStart(12, "0")}`;
}
