/** A message in a scripted maildrop. */
export interface ServedMessage {
  /** The message as it was delivered; also what the server sends, unless a behaviour says otherwise. */
  readonly bytes: Uint8Array;
  /** Its unique-id, octets read as ISO 8859-1. May be changed; a session keeps what it saw at login. */
  uniqueId: string;
  /** How many RETR replies for it were sent to their end, over all sessions. */
  retrievals: number;
  /** Listed no more (Gmail's "popped"). */
  hidden: boolean;
}
