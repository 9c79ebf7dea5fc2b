import { storedScopesOf } from '../../domain/credential/credential.js';
import { scopesHeld } from '../../domain/credential/verdict.js';
import { wasReceived } from '../../domain/credential/version.js';
import { CredctlError } from '../../domain/errors.js';
import type { Clock } from '../../domain/ports/ports.js';
import type {
  Lookup,
  ServedCredential,
  ServedVersion,
  ServingStore,
  StoreMetadata,
} from '../../domain/ports/serving-port.js';
import type { AccessToken } from '../../domain/ports/store-port.js';
import type { Catalog } from '../../domain/scope/catalog.js';
import { scopesOfStored } from '../../domain/scope/present-scopes.js';
import { tokenLifetime } from '../../domain/scope/scope.js';
import { BoundedMap } from './bounded-map.js';

/** Cache capacity, about 2 MiB. A miss costs no more than the rest of a request. */
const MOST_KEPT = 4_096;

/** Maximum age of the cache in milliseconds: changes made past the program do not increment the generation. */
const KEPT_FOR_MS = 5_000;

/** Cached scope sets per version. */
const MOST_SETS = 20;

/** Maximum retries when the generation changes during a read. */
const TRIES = 20;

/** Effective scopes of a token, and its lifetime in seconds, by the catalog of this generation. */
export interface Remaining {
  readonly scopes: readonly string[];
  readonly lifetime: number;
}

/** A version and its credential as read in one generation of the store. */
export class Known implements ServedVersion {
  readonly credential: ServedCredential;
  readonly version: ServedVersion['version'];
  readonly hash: string;
  readonly #present: StoreMetadata;
  // Allocated on first use: most versions obtain no tokens.
  #remaining: BoundedMap<Remaining> | null = null;

  constructor({ credential, version, hash }: ServedVersion, present: StoreMetadata) {
    const scopes = scopesOfStored(present.catalog, storedScopesOf(credential));
    this.credential = scopes.storedScopes === undefined ? credential : { ...credential, ...scopes };
    this.version = version;
    this.hash = hash;
    this.#present = present;
  }

  get catalog(): Catalog {
    return this.#present.catalog;
  }

  /** The prefix of the store's secrets. */
  get prefix(): string {
    return this.#present.settings.prefix;
  }

  /** Effective scopes and lifetime of a token that this version obtained. */
  remaining(granted: readonly string[]): Remaining {
    const key = granted.join(' ');
    this.#remaining ??= new BoundedMap(MOST_SETS);
    const found = this.#remaining.get(key);
    if (found !== undefined) return found;
    const remaining = {
      scopes: scopesHeld(this.catalog, this.credential, { scopes: granted }),
      lifetime: tokenLifetime(this.catalog, granted),
    };
    this.#remaining.set(key, remaining);
    return remaining;
  }
}

/** Cache of versions, valid while the generation stays the same, and for {@link KEPT_FOR_MS} at most. */
export class KnownCredentials {
  readonly #store: ServingStore;
  readonly #clock: Clock;
  readonly #known = new BoundedMap<Known>(MOST_KEPT);
  #generation = -1;
  /** When the cache was last emptied; also compared for a clock that was set back. */
  #since = 0;
  /** Settings and catalog of this generation; null until read. */
  #present: StoreMetadata | null = null;

  constructor(store: ServingStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The last generation seen, without asking the store. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * A version by id; null when the store has none. Synchronous where the store has no batched lookup and either
   * the version is cached or the engine reads synchronously.
   */
  find(versionId: string): Known | null | Promise<Known | null> {
    const { lookup } = this.#store;
    if (lookup !== null) return this.#sight(lookup, 'version', versionId).then(({ known }) => known);
    const generation = this.#refresh();
    const known = this.#known.get(versionId);
    if (known !== undefined) return known;
    const present = this.#present;
    if (present === null) return this.#load(versionId, null);
    const found = this.#store.findPresentedVersion(versionId);
    if (found instanceof Promise) return this.#load(versionId, found);
    // Retry on a generation change between the reads: values of two generations must not be mixed.
    return this.#refresh() === generation
      ? this.#keep(versionId, found, present)
      : this.#load(versionId, null);
  }

  /**
   * As {@link find}, for a version that was already read: reads again only where the generation may have
   * changed since.
   */
  seen(
    versionId: string,
    { served, generation }: { readonly served: ServedVersion | null; readonly generation: number },
  ): Known | null | Promise<Known | null> {
    const isAsItWas = served !== null && mayBeKept(served) && this.#refresh() === generation;
    if (!isAsItWas || this.#present === null) return this.find(versionId);
    return this.#keep(versionId, served, this.#present);
  }

  /** An access token, never cached. A batched lookup also caches the version that obtained it. */
  token(id: string): AccessToken | null | Promise<AccessToken | null> {
    const { lookup } = this.#store;
    return lookup === null
      ? this.#store.findToken(id)
      : this.#sight(lookup, 'token', id).then(({ token }) => token);
  }

  /** The version that obtained a token just returned by {@link token}. */
  obtainerOf({ versionId }: AccessToken): Known | null | Promise<Known | null> {
    if (this.#store.lookup === null) return this.find(versionId);
    this.#refresh();
    return this.#known.get(versionId) ?? this.find(versionId);
  }

  /** One batched lookup, and another when the metadata is outdated, so that both are of one generation. */
  async #sight(
    lookup: Lookup,
    kind: 'version' | 'token',
    id: string,
  ): Promise<{ readonly known: Known | null; readonly token: AccessToken | null }> {
    for (let tries = 0; tries <= TRIES; tries += 1) {
      const sighting = await lookup(kind, id);
      const generation = this.#refresh();
      if (sighting.generation !== generation) continue;
      const { token, version } = sighting;
      if (version === null) {
        if (kind === 'version') this.#known.delete(id);
        return { known: null, token };
      }
      if (this.#present !== null)
        return { known: this.#keep(version.version.id, version, this.#present), token };
      const present = await this.#store.metadata();
      if (this.#refresh() === generation) this.#present = present;
    }
    throw changedTooFast();
  }

  async #load(versionId: string, asked: Promise<ServedVersion | null> | null): Promise<Known | null> {
    let first = asked;
    for (let tries = 0; ; tries += 1) {
      const generation = this.#refresh();
      const [found, present] = await Promise.all([
        first ?? this.#store.findPresentedVersion(versionId),
        this.#store.metadata(),
      ]);
      if (this.#refresh() === generation) {
        this.#present = present;
        return this.#keep(versionId, found, present);
      }
      first = null;
      if (tries >= TRIES) throw changedTooFast();
    }
  }

  #keep(versionId: string, found: ServedVersion | null, present: StoreMetadata): Known | null {
    if (found === null) return null;
    const known = new Known(found, present);
    if (mayBeKept(known)) this.#known.set(versionId, known);
    else this.#known.delete(versionId);
    return known;
  }

  #refresh(): number {
    const generation = this.#store.generation();
    const now = this.#clock.now();
    if (generation !== this.#generation) {
      this.#generation = generation;
      this.#present = null;
    } else if (Math.abs(now - this.#since) < KEPT_FOR_MS) {
      return generation;
    }
    this.#since = now;
    this.#known.clear();
    return generation;
  }
}

function changedTooFast(): CredctlError {
  return new CredctlError('store_unavailable', 'the store changes faster than it can be read', {
    hint: 'try again',
  });
}

/**
 * Whether a version may be cached. The first use of an undelivered version changes its lapse without
 * incrementing the generation.
 */
function mayBeKept({ version }: ServedVersion): boolean {
  return wasReceived(version);
}
