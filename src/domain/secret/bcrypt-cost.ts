/** Default cost of bcrypt: 2^10 rounds. */
export const DEFAULT_BCRYPT_COST = 10;

/** Minimum and maximum cost, as powers of two. */
export const BCRYPT_COSTS = { least: 4, most: 16 } as const;

/** Whether a store may use this cost: with 31, one hash takes a day. */
export function isBcryptCost(cost: number | null): cost is number {
  return cost !== null && Number.isInteger(cost) && cost >= BCRYPT_COSTS.least && cost <= BCRYPT_COSTS.most;
}
