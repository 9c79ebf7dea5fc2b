/** What a login of the database can be allowed to do: everything; read all but hashes; what verification needs. */
export const STORE_ROLES = ['admin', 'auditor', 'verifier'] as const;
export type StoreRole = (typeof STORE_ROLES)[number];
