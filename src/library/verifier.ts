import type { RefusalReason } from '../domain/credential/verdict.js';
import type { ServingStore } from '../domain/ports/serving-port.js';
import type { CredentialType } from '../domain/scope/catalog.js';
import { formatScope, parseRequirement } from '../domain/scope/scope.js';
import { workingDirectory } from '../files/working-directory.js';
import { startBackground } from '../http/background.js';
import { plainAddress } from '../http/request/client-address.js';
import { engineAt, storePlace } from '../storage/open.js';
import { openServingStore } from '../storage/serving/sqlite/store.js';
import { systemActor } from '../system/actor.js';
import { systemClock } from '../system/clock.js';
import { fingerprinter } from '../system/hashing/fingerprinter.js';
import { hashPoolOfMachine } from '../system/hashing/hash-pool.js';
import { systemProcesses } from '../system/processes.js';
import { type Answer, coversAll, endOf } from '../usecases/serving/principal.js';
import { Verifier } from '../usecases/serving/verifier.js';
import { REFERENCE, requireShape, VERIFIER, VERIFY } from './input.js';
import { OpenedLate } from './opened-late.js';
import { closedError } from './until-closed.js';

/** How long the last uses may take to be written when a verifier is closed. */
const CLOSE_MS = 10_000;

const ALL_KINDS = ['key', 'sec', 'tok'] as const;

/** Whose secret it is that was presented. */
export interface VerifiedCredential {
  readonly id: string;
  readonly name: string;
  readonly type: CredentialType;
  /** Null for an API key. */
  readonly clientId: string | null;
  /** The name of the owner; null for none. */
  readonly owner: string | null;
  /** What may be done with it at this moment. */
  readonly scopes: readonly string[];
  /** When it stops by itself; null for never. */
  readonly expiresAt: Date | null;
}

/** The answer to a presented secret. The reason is for your log: whoever presents the secret must not be told. */
export type Verification =
  | { readonly valid: true; readonly credential: VerifiedCredential }
  | { readonly valid: false; readonly reason: RefusalReason }
  | { readonly valid: false; readonly reason: 'throttled'; readonly retryAfterMs: number };

/** What a secret must be good for, and what is known of whoever presents it. */
export interface VerifyOptions {
  /** Scopes that it must cover, all of them. */
  readonly scopes?: readonly string[];
  /** The client id that it was presented with, where there was one. */
  readonly clientId?: string;
  /**
   * Where the request came from: wrong secrets are throttled by address, and by address and credential together. Without
   * it nothing is throttled.
   */
  readonly address?: string;
}

/** How a verifier works. */
export interface VerifierOptions {
  /**
   * Told when the times of last use could not be written, and again once a minute for as long as that lasts; they are kept
   * and written the next time.
   */
  readonly onFault?: (fault: unknown) => void;
  /** Connections to a PostgreSQL database at most, 2 or more; 10 when left out. */
  readonly connections?: number;
}

/** Answers in this process whether presented secrets are good. */
export interface SecretVerifier {
  /**
   * Whether an API key, a client secret or an access token is good at this moment. A good one counts as a use. A secret
   * that has been good before is recognised within microseconds; a change that any process makes to the credential,
   * its owner or the catalog counts from the very next call.
   *
   * @throws CredctlError `usage` for a scope that the catalog lacks, and after `close`; `store_unavailable` when the store cannot be read
   *   or too many new secrets wait to be hashed; `integrity`; `denied`
   * @example
   * const answer = await verifier.verify(apiKey, { scopes: ['data:users'], address: request.ip });
   * if (!answer.valid) return reply.code(401).send();
   */
  verify(secret: string, options?: VerifyOptions): Promise<Verification>;
  /**
   * Answers what was asked before, writes the last uses, and lets go of the store. Whatever is asked after that is
   * refused (`usage`).
   */
  close(): Promise<void>;
}

/**
 * Opens a verifier on a store that exists. Make one when the program starts, and close it when the program ends. A file
 * is opened at once. A database is asked at the first call, which rejects when it cannot be opened, and so does every
 * call until it can; the database's own time rules what has ended.
 *
 * @param reference a path, `sqlite:PATH`, or `postgres://USER@HOST/DATABASE` for a login with the role `verifier`
 * @throws CredctlError `store_unavailable`, `denied`, `integrity` as opening a store does; `usage`
 * @example
 * const verifier = createVerifier('/var/lib/billing/credctl.db');
 */
export function createVerifier(reference: string, options: VerifierOptions = {}): SecretVerifier {
  requireShape(REFERENCE, reference, 'reference');
  requireShape(VERIFIER, options, 'options');
  const { onFault = () => {}, connections } = options;
  const place = storePlace(reference, workingDirectory, 'the reference');
  if (engineAt(place).name === 'postgres') {
    return verifierOn(
      new OpenedLate(async () => {
        const { openPostgresServingStore } = await import('../storage/serving/postgres/store.js');
        return startVerifying(await openPostgresServingStore(place, connections), onFault);
      }),
    );
  }
  const store = openServingStore(place, new URL('./writer-thread.mjs', import.meta.url));
  const started = Promise.resolve(startVerifying(store, onFault));
  return verifierOn(new OpenedLate(() => started));
}

/** A verifier with all that it works with. */
interface Verifying {
  readonly store: ServingStore;
  readonly verifier: Verifier;
  close(): Promise<void>;
}

function startVerifying(store: ServingStore, onFault: (fault: unknown) => void): Verifying {
  const hasher = hashPoolOfMachine(new URL('./hash-thread.mjs', import.meta.url));
  const clock = store.clock ?? systemClock;
  const verifier = new Verifier({
    store,
    hasher,
    fingerprinter: fingerprinter(),
    clock,
    processes: systemProcesses(),
    author: { actor: systemActor(process.env), reason: null },
  });
  const background = startBackground(
    { store, verifier, clock },
    { counted: () => {}, failed: (_, fault) => onFault(fault), ended: () => {} },
  );
  return {
    store,
    verifier,
    async close() {
      await background.stop(CLOSE_MS);
      await Promise.all([store.close(), hasher.close()]);
    },
  };
}

function verifierOn(verifying: OpenedLate<Verifying>): SecretVerifier {
  let isClosed = false;
  const pending = new Set<Promise<Verification>>();

  async function answer(secret: string, options: VerifyOptions): Promise<Verification> {
    const { store, verifier } = await verifying.get();
    const { catalog } = await store.metadata();
    const { scopes = [], clientId = null, address = '' } = options;
    const required = scopes.map((scope) => formatScope(parseRequirement(catalog, scope)));
    const presented = { secret, kinds: ALL_KINDS, clientId, address: plainAddress(address) };
    return verificationOf(await verifier.verify(presented), required);
  }

  return {
    async verify(secret, options = {}) {
      if (isClosed) throw closedError('verifier');
      requireShape(VERIFY, options, 'options');
      // A header that is not there, say, in a program that is not type-checked.
      if (typeof secret !== 'string') return { valid: false, reason: 'malformed' };
      const answered = answer(secret, options);
      pending.add(answered);
      try {
        return await answered;
      } finally {
        pending.delete(answered);
      }
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(pending);
      await (await verifying.opened())?.close();
    },
  };
}

function verificationOf(answer: Answer, required: readonly string[]): Verification {
  if (!answer.granted) {
    return answer.reason === 'throttled'
      ? { valid: false, reason: 'throttled', retryAfterMs: answer.waitMs }
      : { valid: false, reason: answer.reason };
  }
  if (!coversAll(answer, required)) return { valid: false, reason: 'insufficient_scope' };
  const { id, name, type, clientId, owner } = answer.credential;
  const end = endOf(answer);
  return {
    valid: true,
    credential: {
      id,
      name,
      type,
      clientId,
      owner: owner?.name ?? null,
      scopes: answer.scopes,
      expiresAt: end === null ? null : new Date(end),
    },
  };
}
