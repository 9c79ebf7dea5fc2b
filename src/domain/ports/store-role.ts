/**
 * Roles of a database login: full access; read access without hashes; what verification needs; the same, and stopping
 * what has leaked.
 */
export const STORE_ROLES = ['admin', 'auditor', 'verifier', 'responder'] as const;
/** One of {@link STORE_ROLES}. */
export type StoreRole = (typeof STORE_ROLES)[number];
