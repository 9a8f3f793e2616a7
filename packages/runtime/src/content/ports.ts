import type { Messages } from "@mailonce/core";
import type { StoredContents } from "@mailonce/typeorm";

export type { ClaimedMessage, DerivedAddress, NewAttachment, NewContent } from "@mailonce/typeorm";

/** The port to what is kept of what is in the messages. */
export type Contents = Pick<
  StoredContents,
  | "claim"
  | "renew"
  | "release"
  | "save"
  | "fail"
  | "status"
  | "present"
  | "read"
  | "missingAttachments"
  | "keepAttachments"
  | "dropUnusedAttachments"
  | "attachmentStatus"
>;

/** The part of a store that indexing needs. */
export interface ContentStore extends Pick<Messages, "content"> {
  readonly contents: Contents;
}
