/** The schema that this program reads and writes, which the last migration leads to. */
export const SCHEMA_NUMBER = 5;

/**
 * The oldest schema that can be migrated, created by the first migration; no release has made stores of an earlier
 * one.
 */
export const OLDEST_SCHEMA = 2;
