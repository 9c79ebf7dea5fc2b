import type { ServingStore } from '../domain/ports/serving-port.js';
import { formatScope, parseRequirement } from '../domain/scope/scope.js';
import { workingDirectory } from '../files/working-directory.js';
import { startBackground } from '../http/background.js';
import { plainAddress } from '../http/request/client-address.js';
import { engineAt, openStoreAt, storePlace } from '../storage/open.js';
import { isOfOlderFile, openServingStore } from '../storage/serving/sqlite/store.js';
import { systemActor } from '../system/actor.js';
import { systemClock } from '../system/clock.js';
import { fingerprinter } from '../system/hashing/fingerprinter.js';
import { hashPoolOfMachine } from '../system/hashing/hash-pool.js';
import { systemProcesses } from '../system/processes.js';
import { systemRandom } from '../system/random.js';
import type { CanaryPresented } from '../usecases/serving/canary-watch.js';
import { Verifier } from '../usecases/serving/verifier.js';
import { REFERENCE, requireShape, VERIFIER, VERIFY } from './input.js';
import { planOf } from './open-store.js';
import { OpenedLate } from './opened-late.js';
import { threadFile } from './thread-file.js';
import { closedError } from './until-closed.js';
import { type Verification, verificationOf } from './verification.js';

/** Time limit of the last flush of uses on `close`, in milliseconds. */
const CLOSE_MS = 10_000;

const ALL_KINDS = ['key', 'sec', 'tok'] as const;

/** Requirements on a secret, and context of the request. */
export interface VerifyOptions {
  /** Scopes that it must cover, all of them. */
  readonly scopes?: readonly string[];
  /** The client id that it was presented with, if any. */
  readonly clientId?: string;
  /**
   * The client's address: wrong secrets are throttled per address, and per address and credential. Without it
   * nothing is throttled.
   */
  readonly address?: string;
}

/** Options of {@link createVerifier}. */
export interface VerifierOptions {
  /**
   * Called when the times of last use could not be written, and once a minute while that lasts; they are kept
   * and written with the next flush.
   */
  readonly onFault?: (fault: unknown) => void;
  /**
   * Called, within a second, when the right secret of a canary was presented: it has leaked. The caller was told that
   * it is unknown, and the leak is recorded in the store.
   */
  readonly onCanary?: (presented: CanaryPresented) => void;
  /** Maximum number of connections to a PostgreSQL database, 2 or more; 10 by default. */
  readonly connections?: number;
}

/** Verifies presented secrets in this process. */
export interface SecretVerifier {
  /**
   * Whether an API key, a client secret or an access token is valid now. A valid one counts as a use. A secret
   * verified before is answered from a cache within microseconds; changes of the credential, its owner or the
   * catalog by any process take effect with the next call.
   *
   * @throws CredctlError `usage` for a scope that is not in the catalog, and after `close`; `store_unavailable`
   *   when the store cannot be read or too many new secrets are queued for hashing; `integrity`; `denied`
   * @example
   * const answer = await verifier.verify(apiKey, { scopes: ['data:users'], address: request.ip });
   * if (!answer.valid) return reply.code(401).send();
   */
  verify(secret: string, options?: VerifyOptions): Promise<Verification>;
  /** Completes pending calls, flushes the last uses, and closes the store. Later calls reject with `usage`. */
  close(): Promise<void>;
}

/**
 * Opens a verifier on an existing store. Create one when the program starts, and close it when the program
 * ends. A file is opened at once, but one of an older schema, which is migrated first. That one and a database are
 * opened at the first call, which rejects when that fails, as do later calls until it succeeds; the database's clock
 * decides about ends.
 *
 * @param reference a path, `sqlite:PATH`, or `postgres://USER@HOST/DATABASE` for a login with the role
 *   `verifier`
 * @throws CredctlError `store_unavailable`, `denied`, `integrity` as opening a store does; `usage`; `unexpected` that
 *   names a file of the package where a bundler has left it out
 * @example
 * const verifier = createVerifier('/var/lib/billing/credctl.db');
 */
export function createVerifier(reference: string, options: VerifierOptions = {}): SecretVerifier {
  requireShape(REFERENCE, reference, 'reference');
  requireShape(VERIFIER, options, 'options');
  const { onFault = () => {}, onCanary = () => {}, connections } = options;
  const told: Told = { onFault, onCanary };
  const place = storePlace(reference, workingDirectory, 'the reference');
  const writerThread = threadFile('writer-thread.mjs', () => new URL('./writer-thread.mjs', import.meta.url));
  const hashThread = threadFile('hash-thread.mjs', () => new URL('./hash-thread.mjs', import.meta.url));
  const engine = engineAt(place);
  if (!engine.isFile) {
    return verifierOn(
      new OpenedLate(async () => {
        const store = await engine.openServing(place, { connections, writerThread });
        return startVerifying(store, hashThread, told);
      }),
    );
  }
  const open = (): Verifying => startVerifying(openServingStore(place, writerThread), hashThread, told);
  try {
    const started = Promise.resolve(open());
    return verifierOn(new OpenedLate(() => started));
  } catch (fault) {
    if (!isOfOlderFile(fault)) throw fault;
    return verifierOn(new OpenedLate(() => migrated(place).then(open)));
  }
}

/**
 * Migrates a file of an older schema.
 *
 * @throws CredctlError `store_unavailable` where it cannot be
 */
async function migrated(place: string): Promise<void> {
  const system = { clock: systemClock, random: systemRandom };
  const store = await openStoreAt(place, system, {
    whenMissing: 'refuse',
    newStore: async () => planOf({}, systemActor(process.env)),
    onCreated: () => {},
    onLeftOlder(why) {
      throw why;
    },
  });
  await store.close();
}

/** A verifier with its dependencies. */
interface Verifying {
  readonly store: ServingStore;
  readonly verifier: Verifier;
  close(): Promise<void>;
}

/** What the program is told of. */
type Told = Required<Pick<VerifierOptions, 'onFault' | 'onCanary'>>;

function startVerifying(store: ServingStore, hashThread: URL, { onFault, onCanary }: Told): Verifying {
  const hasher = hashPoolOfMachine(hashThread);
  const clock = store.clock ?? systemClock;
  const verifier = new Verifier({
    store,
    hasher,
    fingerprinter: fingerprinter(),
    clock,
    processes: systemProcesses(),
    author: { actor: systemActor(process.env), reason: null },
    onCanary,
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
    const { scopes = [], clientId = null, address = '' } = options;
    const presented = { secret, kinds: ALL_KINDS, clientId, address: plainAddress(address) };
    const answered = await verifier.verify(presented);
    // The catalog of the answer: another one may call an API by another id.
    const { catalog } = answered.accepted ? answered : await store.metadata();
    const required = scopes.map((scope) => formatScope(parseRequirement(catalog, scope)));
    return verificationOf(answered, required);
  }

  return {
    async verify(secret, options = {}) {
      if (isClosed) throw closedError('verifier');
      requireShape(VERIFY, options, 'options');
      // Callers that are not type-checked may pass a missing header.
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
