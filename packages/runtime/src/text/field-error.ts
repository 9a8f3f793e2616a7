/** What is wrong with a value, in words that never repeat it: it may be a secret in the wrong place. */
export class FieldError extends Error {}
