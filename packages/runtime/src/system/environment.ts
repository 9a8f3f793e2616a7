/** The environment variables that a function may look at. */
export type Environment = Readonly<Record<string, string | undefined>>;
