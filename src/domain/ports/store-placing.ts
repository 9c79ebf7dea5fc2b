/**
 * Compares the location of a store (file or database) with the one recorded in it. A rename keeps the identity.
 */
export type StorePlacing =
  | { readonly kind: 'same' }
  /** Moved: the recorded location no longer exists. `from` is a path, or words for a database. */
  | { readonly kind: 'moved'; readonly from: string }
  /** Copied: the recorded original still exists. */
  | { readonly kind: 'copy'; readonly of: string }
  /** A backup, unchanged since it was made: a change breaks its seal. `original` is null where that no longer exists. */
  | { readonly kind: 'backup'; readonly file: string; readonly original: string | null }
  /** There is no store yet; the first write makes one at `location`. */
  | { readonly kind: 'none'; readonly location: string };
