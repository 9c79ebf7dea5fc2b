/** bcrypt's cost where nothing else is said: 2^10 rounds. */
export const DEFAULT_BCRYPT_COST = 10;

/** Least and most rounds, as powers of two, that a store may ask for. */
export const BCRYPT_COSTS = { least: 4, most: 16 } as const;
