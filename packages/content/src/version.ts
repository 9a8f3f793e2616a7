/**
 * The version of the code that reads a message's content; raised whenever it reads one in another way than before, and no
 * field of the header is all that differs (that is `DECODER_VERSION` of `@mailonce/core/message`). Whoever stores what was
 * read stores both beside it, and by them finds what to read anew.
 */
export const CONTENT_VERSION = 1;
