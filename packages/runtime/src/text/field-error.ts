/** What is wrong with a value. The message never repeats the value, which may be a secret in the wrong place. */
export class FieldError extends Error {}
