import type { Messages } from "@mailonce/core";
import type { StoredContents } from "@mailonce/typeorm";

export type { DerivedAddress, NewContent } from "@mailonce/typeorm";

/** The port to what is kept of what is in the messages. */
export type Contents = Pick<
  StoredContents,
  "claim" | "renew" | "release" | "save" | "fail" | "status" | "present"
>;

/** The part of a store that indexing needs. */
export interface ContentStore extends Pick<Messages, "content"> {
  readonly contents: Contents;
}
