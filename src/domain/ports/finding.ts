/** A fault that `store check` found. */
export interface Finding {
  readonly check: string;
  readonly severity: 'error' | 'warning' | 'note';
  readonly message: string;
  readonly fix: string;
}
