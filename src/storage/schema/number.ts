/** The schema that this program reads and writes; the last of the migrations comes to it. */
export const SCHEMA_NUMBER = 4;

/** The oldest schema that is migrated, and what the first of the migrations makes: no release has made stores of an earlier one. */
export const OLDEST_SCHEMA = 2;
