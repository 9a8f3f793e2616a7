/**
 * Raised whenever a header is read in another way than before. Rows of stored messages carry the version that made their
 * texts and dates, so that `mailonce index` can tell which ones to make anew.
 */
export const DECODER_VERSION = 1;
