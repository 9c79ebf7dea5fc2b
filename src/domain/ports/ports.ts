import type { Credential } from '../credential/credential.js';
import type { DestinationKind, ProcessIdentity, Version } from '../credential/version.js';
import type { EndingSignal } from '../ending-signal.js';

/** Tells the time: epoch milliseconds. */
export interface Clock {
  now(): number;
}

/** The operating system's generator. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** A UUIDv7 (RFC 9562 §5.7) for the given epoch milliseconds. */
  uuid(now: number): string;
}

/** How secrets issued from now on are hashed. */
export type HashPolicy = { readonly scheme: 'bcrypt'; readonly cost: number } | { readonly scheme: 'sha256' };

/** Turns the 43 secret characters into what the store keeps, and compares in constant time. */
export interface SecretHasher {
  /** The string to store; it names its scheme and cost. */
  hash(secret: string, policy: HashPolicy): Promise<string>;
  matches(secret: string, stored: string): Promise<boolean>;
  /**
   * Spends what a comparison with a hash of each policy takes, so that every refusal costs the same.
   *
   * @param compared a stored hash that the secret was compared with already, whose policy is left out; null for none
   */
  spend(secret: string, policies: readonly HashPolicy[], compared: string | null): Promise<void>;
  /** SHA-256 of an access token's secret, as hex. */
  digest(text: string): string;
  /** Compares two digests in constant time. */
  isSameDigest(a: string, b: string): boolean;
}

/** Knows the processes of this machine and PID namespace. */
export interface Processes {
  self(): ProcessIdentity;
  /** `unknown` for a process of another machine or PID namespace, and where the system does not tell. */
  status(process: ProcessIdentity): 'running' | 'gone' | 'unknown';
}

/**
 * The signals that ask the program to end while it issues secrets. Before `watch` they do what the system does about
 * them.
 */
export interface StopRequest {
  /** Until `hold`, a signal makes `left` reject. */
  watch(): void;
  /** From now on signals are only noted: what has been begun must be brought to its end. */
  hold(): void;
  /** Rejects with `NothingIssued` at the first signal that is not held; never fulfilled. */
  readonly left: Promise<never>;
  /** The first that was noted, or null. Waits for a turn of the event loop, in which signals are dispatched. */
  signal(): Promise<EndingSignal | null>;
  /** Whether what is in hand should end as well. */
  readonly isUrgent: boolean;
  /** Calls `listener` for each signal that makes it urgent, or finds it so; what it answers ends that. */
  onUrgent(listener: (signal: EndingSignal) => void): () => void;
  /** From now on a signal does again what the system does about it. */
  release(): void;
}

/** What a command does about signals that ask the program to end. */
export interface StopOptions {
  /** The how many-th signal makes it urgent. */
  readonly urgentFrom: number;
  /** Told of every signal that is noted, and the how many-th it is. */
  readonly onNoted: (signal: EndingSignal, count: number) => void;
}

/** Who makes a change, and why: goes into the audit trail. */
export interface Author {
  /** Operating-system user and host, `name@host`. */
  readonly actor: string;
  readonly reason: string | null;
}

/** What a secret consists of when it is handed over. */
export type IssuedSecret =
  | { readonly type: 'api-key'; readonly apiKey: string }
  | { readonly type: 'oauth2'; readonly clientId: string; readonly clientSecret: string };

/** Everything a destination needs to write a secret in its own format. */
export interface Delivery {
  readonly credential: Credential;
  readonly version: Version;
  readonly handle: string;
  readonly secret: IssuedSecret;
  readonly storeId: string;
}

/**
 * Records, before it happens, that a secret goes to a further place, which nobody knew of when its version was
 * stored; throws when the version has been ended meanwhile.
 *
 * @param place.replaces as in {@link Destination}
 * @returns takes the record back, where nothing came of it
 */
export type Announce = (place: Pick<Destination, 'kind' | 'replaces'>) => Promise<() => Promise<void>>;

/** One place that a secret is handed over to. */
export interface Destination {
  readonly kind: DestinationKind;
  /** Whether delivering may destroy an earlier secret there, so that the new one must not lapse by itself. */
  readonly replaces: boolean;
  /** How long a delivery may take, in milliseconds; ten minutes where it is not said. */
  readonly leaseMs?: number;
  /** Whether a person says when it is delivered, so that the lease is renewed until then. */
  readonly waitsForPerson?: boolean;
  /** Proves that a delivery can succeed, without changing anything; throws `undelivered`. */
  preflight(context: DeliveryContext): Promise<void>;
  /** Writes the secret completely and checks that it was written; throws `undelivered`. */
  deliver(delivery: Delivery, announce: Announce): Promise<void>;
  /** Takes back what `deliver` left behind, as far as that is possible. */
  undo(): Promise<void>;
  /** Tidies up once the delivery is confirmed. A failure here changes nothing about it. */
  settle?(delivery: Delivery): Promise<void>;
}

/** The operating system's keychain, under the service name of this program. Errors: `undelivered`. */
export interface Keychain {
  /** Null when there is no such entry. */
  get(account: string): Promise<string | null>;
  set(account: string, secret: string): Promise<void>;
  /** Whether there was such an entry. */
  delete(account: string): Promise<boolean>;
  /** The accounts of all entries, those of other stores included. Sweeps what trials that were killed have left. */
  accounts(): Promise<readonly string[]>;
  /** Another piece of work begins: it may wait for the keychain for the whole time limit. */
  renew(): void;
  /** Lets go of the keychain until it is needed again. */
  close(): void;
}

/** What became of a program that ran in the place of this one. */
export type ProgramOutcome =
  /** Its exit status; 128 and the number of the signal that ended it. */
  | { readonly kind: 'ended'; readonly status: number }
  | { readonly kind: 'not-found' | 'not-executable' }
  /** It ended well, but what it printed could not be passed on; `code` is the system's. */
  | { readonly kind: 'output-lost'; readonly code: string };

/** A version that was never confirmed as received and never used. */
export interface AbandonedVersion {
  readonly handle: string;
  /** Whether it ends by itself, so that nothing is lost when it is overwritten. */
  readonly lapses: boolean;
  /** What it may have left in the keychain; absent where it was not sent there. */
  readonly keychainEntry?: { readonly credentialId: string; readonly version: number };
}

/** What a destination may know before there is a version. */
export interface DeliveryContext {
  /** Versions of this name whose delivery was cut off: a file that holds the handle of one may be replaced. */
  readonly abandoned: readonly AbandonedVersion[];
}

/** What the configuration file may say; every key may be absent. */
export interface Config {
  readonly store?: string | undefined;
  readonly keychain_timeout?: string | undefined;
  readonly prefix?: string | undefined;
  readonly hash?: 'bcrypt' | 'sha256' | undefined;
  readonly bcrypt_cost?: number | undefined;
  readonly catalog?: string | undefined;
}

/** Recognises texts that it has seen before, without anybody being able to learn them from what is kept. */
export interface Fingerprinter {
  /** A keyed digest (HMAC-SHA-256) of ASCII text, under a key that never leaves this process. */
  fingerprint(text: string): string;
}
