/**
 * How the place of a store compares with the one that it remembers: a database has none; a store in a file that was
 * renamed is still the same file.
 */
export type StorePlacing =
  | { readonly kind: 'same' }
  /** The file is another one, and where it was is no other with the same id. */
  | { readonly kind: 'moved'; readonly from: string }
  /** Another file with the same id is still where it was: this one was copied from it. */
  | { readonly kind: 'copy'; readonly of: string };
