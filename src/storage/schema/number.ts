/** The schema that this program reads and writes; the number of migrations. */
export const SCHEMA_NUMBER = 4;
