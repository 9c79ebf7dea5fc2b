import type { ClockDoubt } from '../domain/clock-doubt.js';
import type { Author, Clock, Processes, Random, SecretHasher, StopRequest } from '../domain/ports/ports.js';
import type { Store } from '../domain/ports/store-port.js';

/** External dependencies of a use case that writes. */
export interface Dependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: SecretHasher;
  readonly processes: Processes;
  readonly author: Author;
  /** Whether the user vouches for the clock, overriding the audit trail. */
  readonly trustsClock?: boolean;
  /** Called after a change whose clock contradicts the audit trail. */
  readonly onClockDoubt?: (doubt: ClockDoubt) => void;
  /** Checked before a secret is issued and before each delivery; absent where signals are not handled. */
  readonly stop?: StopRequest;
  /** Called at each step of a delivery: for progress, and for tests that end the process at a step. */
  readonly observe?: (step: DeliveryStep) => void;
}

/** Steps of the delivery protocol, in order. */
export const DELIVERY_STEPS = [
  'started',
  'destination-ready',
  'hashed',
  'inserted',
  'committed',
  'delivered',
  'confirming',
  'confirmed',
] as const;
/** A step of the delivery protocol. */
export type DeliveryStep = (typeof DELIVERY_STEPS)[number];
