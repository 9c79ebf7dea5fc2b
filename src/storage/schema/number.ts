/** The schema that this program reads and writes; the number of migrations. */
export const SCHEMA_NUMBER = 4;

/** The oldest schema that is migrated: no release has made stores of an earlier one. */
export const OLDEST_SCHEMA = 2;
