/** What bounds the reading of a message. Whatever is beyond a bound is left out or shown as it stands, and is a fault. */
export interface ContentLimits {
  /** How deep multiparts and messages may stand within each other; deeper ones are text as it stands. Default 50. */
  readonly nesting: number;
  /** How many parts are read, those within attached messages included. Default 1,000. */
  readonly parts: number;
  /**
   * How many octets are kept in memory, of headers and texts together. What of a text is beyond is left out, but counted and
   * digested. Default 33,554,432.
   */
  readonly octets: number;
  /** How many octets of a part that is no text are kept to be decoded together; those of a larger one as they come. Default 1,048,576. */
  readonly partOctets: number;
  /** How many octets the header of the message, or of a part, has at most; the rest is taken for text. Default 4,194,304. */
  readonly headerOctets: number;
  /** How many header fields are read, of the message and of all its parts together. Default 5,000. */
  readonly headerFields: number;
  /** How many octets of one header field are read. Default 32,768. */
  readonly fieldOctets: number;
  /** How many octets are read of a field that lists addresses or message-ids. Default 1,048,576. */
  readonly listOctets: number;
  /** How many addresses are read, of all fields together. Default 10,000. */
  readonly addresses: number;
  /** How many message-ids of References are read: the first and the last ones. Default 1,000. */
  readonly references: number;
  /** How many characters (UTF-16 code units) the text has at most, and the HTML. Default 4,000,000. */
  readonly textLength: number;
}

/** What holds where nothing else is said. */
export const DEFAULT_LIMITS: ContentLimits = {
  nesting: 50,
  parts: 1000,
  octets: 33_554_432,
  partOctets: 1_048_576,
  headerOctets: 4_194_304,
  headerFields: 5000,
  fieldOctets: 32_768,
  listOctets: 1_048_576,
  addresses: 10_000,
  references: 1000,
  textLength: 4_000_000,
};
