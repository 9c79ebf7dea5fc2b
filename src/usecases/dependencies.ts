import type { ClockDoubt } from '../domain/clock-doubt.js';
import type { Author, Clock, Processes, Random, SecretHasher, StopRequest } from '../domain/ports/ports.js';
import type { Store } from '../domain/ports/store-port.js';

/** What a change needs from outside. */
export interface Dependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: SecretHasher;
  readonly processes: Processes;
  readonly author: Author;
  /** Whether somebody has said that the clock is right, whatever the audit trail says. */
  readonly trustsClock?: boolean;
  /** Told after a change whose clock the audit trail contradicts. */
  readonly onClockDoubt?: (doubt: ClockDoubt) => void;
  /** Looked at before a secret is issued and before it is handed over; absent where no signals are heeded. */
  readonly stop?: StopRequest;
  /** Told of every step of a delivery as it is reached; for progress and for tests that end the process there. */
  readonly observe?: (step: DeliveryStep) => void;
}

/** The named steps of the delivery protocol, in their order. */
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
export type DeliveryStep = (typeof DELIVERY_STEPS)[number];
