/** A finding of `store check`. */
export interface Finding {
  readonly check: string;
  readonly severity: 'error' | 'warning' | 'note';
  readonly message: string;
  readonly fix: string;
}
