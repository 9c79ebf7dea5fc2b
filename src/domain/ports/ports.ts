import type { Credential } from '../credential/credential.js';
import type { DestinationKind, ProcessIdentity, Version } from '../credential/version.js';
import type { EndingSignal } from '../ending-signal.js';

/** The time in epoch milliseconds. */
export interface Clock {
  now(): number;
}

/** Cryptographically secure random numbers of the operating system. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** A UUIDv7 (RFC 9562 §5.7) for the given epoch milliseconds. */
  uuid(now: number): string;
}

/** How new secrets are hashed. */
export type HashPolicy = { readonly scheme: 'bcrypt'; readonly cost: number } | { readonly scheme: 'sha256' };

/** Hashes the 43 secret characters, and compares in constant time. */
export interface SecretHasher {
  /** The hash string to store, which names its scheme and cost. */
  hash(secret: string, policy: HashPolicy): Promise<string>;
  matches(secret: string, stored: string): Promise<boolean>;
  /**
   * Timing side channel: spends the time of one comparison per policy, so that every refusal costs the same.
   *
   * @param compared a stored hash already compared, whose policy is left out; null for none
   */
  spend(secret: string, policies: readonly HashPolicy[], compared: string | null): Promise<void>;
  /** SHA-256 of an access token's secret, as hex. */
  digest(text: string): string;
  /** Constant-time comparison of two digests. */
  isSameDigest(a: string, b: string): boolean;
}

/** Processes of this machine and PID namespace. */
export interface Processes {
  self(): ProcessIdentity;
  /** `unknown` for a process of another machine or PID namespace, and where the system gives no answer. */
  status(process: ProcessIdentity): 'running' | 'gone' | 'unknown';
}

/** Graceful shutdown while secrets are issued. Before `watch`, signals have their default action. */
export interface StopRequest {
  /** Installs the handlers. Until `hold`, a signal makes `left` reject. */
  watch(): void;
  /** From now on signals are only noted, so that work in progress can complete. */
  hold(): void;
  /** Rejects with `NothingIssued` at the first signal that is not held; never fulfilled. */
  readonly left: Promise<never>;
  /** The first noted signal, or null. Waits one event loop turn, in which signals are dispatched. */
  signal(): Promise<EndingSignal | null>;
  /** Whether work in progress should be abandoned as well. */
  readonly isUrgent: boolean;
  /**
   * Calls `listener` for each urgent signal, including one already noted; the returned function unsubscribes.
   */
  onUrgent(listener: (signal: EndingSignal) => void): () => void;
  /** Restores the default action of signals. */
  release(): void;
}

/** Signal handling of a command. */
export interface StopOptions {
  /** Ordinal of the signal that becomes urgent. */
  readonly urgentFrom: number;
  /** Called for each noted signal, with its ordinal. */
  readonly onNoted: (signal: EndingSignal, count: number) => void;
}

/** Author and reason of a change, for the audit trail. */
export interface Author {
  /** Operating-system user and host, `name@host`. */
  readonly actor: string;
  readonly reason: string | null;
}

/** A secret to deliver. */
export type IssuedSecret =
  | { readonly type: 'api-key'; readonly apiKey: string }
  | { readonly type: 'oauth2'; readonly clientId: string; readonly clientSecret: string };

/** What a destination needs to write a secret in its own format. */
export interface Delivery {
  readonly credential: Credential;
  readonly version: Version;
  readonly handle: string;
  readonly secret: IssuedSecret;
  readonly storeId: string;
}

/**
 * Records a further destination, not known when the version was stored, before the secret is sent there; throws
 * when the version has since ended.
 *
 * @param place.replaces as in {@link Destination}
 * @returns removes the record again when nothing was delivered
 */
export type Announce = (place: Pick<Destination, 'kind' | 'replaces'>) => Promise<() => Promise<void>>;

/** A destination of a secret. */
export interface Destination {
  readonly kind: DestinationKind;
  /** Whether a delivery may overwrite an older secret, so that the new one must not lapse. */
  readonly replaces: boolean;
  /** Lease of a delivery, in milliseconds; ten minutes by default. */
  readonly leaseMs?: number;
  /** Whether a person confirms the delivery, so that the lease is renewed until then. */
  readonly waitsForPerson?: boolean;
  /** Checks without side effects that a delivery can succeed; throws `undelivered`. */
  preflight(context: DeliveryContext): Promise<void>;
  /** Writes the secret completely and verifies the write; throws `undelivered`. */
  deliver(delivery: Delivery, announce: Announce): Promise<void>;
  /** Undoes `deliver` as far as possible. */
  undo(): Promise<void>;
  /** Cleanup after confirmation; a failure does not affect the delivery. */
  settle?(delivery: Delivery): Promise<void>;
}

/** The operating system's keychain, under the service name of this program. Errors: `undelivered`. */
export interface Keychain {
  /** Null when there is no such entry. */
  get(account: string): Promise<string | null>;
  set(account: string, secret: string): Promise<void>;
  /** Sets what other programs call an entry: best effort, within a second, and silently where it cannot be done. */
  label(account: string, text: string): Promise<void>;
  /**
   * Deletes an entry.
   *
   * @returns whether it existed
   */
  delete(account: string): Promise<boolean>;
  /**
   * Accounts of all entries, including those of other stores. Removes trial entries left by killed processes.
   */
  accounts(): Promise<readonly string[]>;
  /** Restarts the time limit for the next operation. */
  renew(): void;
  /** Releases the keychain until its next use. */
  close(): void;
}

/** Outcome of a child program. */
export type ProgramOutcome =
  /** Its exit status; 128 plus the signal number when a signal ended it. */
  | { readonly kind: 'ended'; readonly status: number }
  | { readonly kind: 'not-found' | 'not-executable' }
  /** It exited, but its output could not be passed on; `code` is the errno. */
  | { readonly kind: 'output-lost'; readonly code: string };

/** A version that was neither confirmed nor used. */
export interface AbandonedVersion {
  readonly handle: string;
  /** Whether it lapses, so that overwriting it loses nothing. */
  readonly lapses: boolean;
  /** Its possible keychain entry; absent where it was not sent there. */
  readonly keychainEntry?: { readonly credentialId: string; readonly version: number };
}

/** What a destination knows before there is a version. */
export interface DeliveryContext {
  /** Interrupted versions of this name: a file holding the handle of one may be overwritten. */
  readonly abandoned: readonly AbandonedVersion[];
}

/** The configuration file; every key is optional. */
export interface Config {
  readonly store?: string | undefined;
  readonly keychain_timeout?: string | undefined;
  readonly prefix?: string | undefined;
  readonly hash?: 'bcrypt' | 'sha256' | undefined;
  readonly bcrypt_cost?: number | undefined;
  readonly catalog?: string | undefined;
}

/** Recognises texts by fingerprint, without storing them. */
export interface Fingerprinter {
  /** HMAC-SHA-256 of ASCII text under a per-process key, which never leaves the process. */
  fingerprint(text: string): string;
}
