import type { Duration } from '../../domain/duration.js';
import type { GuardOptions } from '../flags/guards.js';
import type { RotateDueOptions } from './rotate-due.js';

/** Flags of `credctl rotate`. */
export interface RotateOptions extends RotateDueOptions, GuardOptions {
  readonly due?: true;
  readonly now?: true;
  readonly ifOlderThan?: Duration;
  readonly finish?: true;
  readonly abort?: true;
  readonly resume?: true;
  readonly takeOver?: true;
}
