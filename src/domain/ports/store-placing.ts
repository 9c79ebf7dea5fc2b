/**
 * How the place of a store, a file or a database, compares with the one that it remembers. What was renamed is still the
 * same.
 */
export type StorePlacing =
  | { readonly kind: 'same' }
  /** It is another one, and what is remembered is gone. `from` is a path, or words for a database. */
  | { readonly kind: 'moved'; readonly from: string }
  /** What is remembered is still there: this one was copied from it. */
  | { readonly kind: 'copy'; readonly of: string };
