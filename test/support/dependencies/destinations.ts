import type { DestinationKind } from '../../../src/domain/credential/version.js';
import { CredctlError, DeliveryInDoubt } from '../../../src/domain/errors.js';
import type {
  Delivery,
  DeliveryContext,
  Destination,
  IssuedSecret,
} from '../../../src/domain/ports/ports.js';

/** The moments at which a destination can fail, or a test can look in. */
export type DestinationMoment = 'preflight' | 'deliver' | 'undo' | 'settle';

export interface DestinationScript {
  readonly kind?: DestinationKind;
  readonly replaces?: boolean;
  readonly leaseMs?: number;
  readonly waitsForPerson?: boolean;
  /** Fails at this moment. */
  readonly failsAt?: DestinationMoment;
  /** `undelivered` or in doubt as a destination should, or an error of the system as a bug would. */
  readonly fault?: 'undelivered' | 'in doubt' | 'foreign';
  /** What happens elsewhere at a moment, before this destination succeeds or fails; told the secret, if any yet. */
  readonly meanwhile?: Partial<Readonly<Record<DestinationMoment, (secret: string) => Promise<unknown>>>>;
}

/** A destination that does as it is told and remembers what it was given. */
export class ScriptedDestination implements Destination {
  readonly kind: DestinationKind;
  readonly replaces: boolean;
  readonly leaseMs?: number;
  readonly waitsForPerson: boolean;
  /** What was called, in its order. */
  readonly moments: DestinationMoment[] = [];
  readonly contexts: DeliveryContext[] = [];
  readonly deliveries: Delivery[] = [];
  readonly #script: DestinationScript;

  constructor(script: DestinationScript = {}) {
    this.kind = script.kind ?? (script.replaces === true ? 'keychain' : 'stdout');
    this.replaces = script.replaces ?? false;
    if (script.leaseMs !== undefined) this.leaseMs = script.leaseMs;
    this.waitsForPerson = script.waitsForPerson ?? false;
    this.#script = script;
  }

  async preflight(context: DeliveryContext): Promise<void> {
    this.contexts.push(context);
    await this.#pass('preflight');
  }

  async deliver(delivery: Delivery): Promise<void> {
    this.deliveries.push(delivery);
    await this.#pass('deliver');
  }

  async undo(): Promise<void> {
    await this.#pass('undo');
  }

  async settle(): Promise<void> {
    await this.#pass('settle');
  }

  /** The last secret that was handed over here, as the client presents it. */
  get secret(): string {
    const delivery = this.deliveries.at(-1);
    if (delivery === undefined) throw new TypeError('nothing was delivered');
    return secretText(delivery.secret);
  }

  async #pass(moment: DestinationMoment): Promise<void> {
    this.moments.push(moment);
    await this.#script.meanwhile?.[moment]?.(this.deliveries.length > 0 ? this.secret : '');
    if (this.#script.failsAt !== moment) return;
    if (this.#script.fault === 'foreign') throw new Error('EIO: the device is on fire');
    if (this.#script.fault === 'in doubt')
      throw new DeliveryInDoubt(`the destination is in doubt at ${moment}`);
    throw new CredctlError('undelivered', `the destination fails at ${moment}`);
  }
}

/** The part of an issued secret that authenticates. */
export function secretText(secret: IssuedSecret): string {
  return secret.type === 'api-key' ? secret.apiKey : secret.clientSecret;
}
