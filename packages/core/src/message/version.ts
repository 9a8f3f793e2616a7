/**
 * The version of the code that reads headers; raised whenever it reads one in another way than before. The row of a
 * stored message has the version that made its texts and date, by which `mailonce index` finds those to make anew.
 */
export const DECODER_VERSION = 1;
