/** bcrypt's cost where nothing else is said: 2^10 rounds. */
export const DEFAULT_BCRYPT_COST = 10;

/** Least and most rounds, as powers of two, that a store may ask for. */
export const BCRYPT_COSTS = { least: 4, most: 16 } as const;

/** Whether a store may ask for it: with 31, one hash takes a day. */
export function isBcryptCost(cost: number | null): cost is number {
  return cost !== null && Number.isInteger(cost) && cost >= BCRYPT_COSTS.least && cost <= BCRYPT_COSTS.most;
}
