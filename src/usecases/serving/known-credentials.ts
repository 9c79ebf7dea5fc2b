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
import { tokenLifetime } from '../../domain/scope/scope.js';
import { BoundedMap } from './bounded-map.js';

/** The busiest ones, in about 2 MiB; asking the store for another one takes no longer than answering the request. */
const MOST_KEPT = 4_096;

/** Milliseconds until they are read again all the same: a change past the program makes no new view. */
const KEPT_FOR_MS = 5_000;

/** Different sets of scopes among the tokens of one version. */
const MOST_SETS = 20;

/** How often a credential that is changed while it is read is read again. */
const TRIES = 20;

/** What may be done with a token, and for how many seconds from its issue on, as the catalog has it in this view. */
export interface Remaining {
  readonly scopes: readonly string[];
  readonly lifetime: number;
}

/** What the store says about a version and its credential in one view. */
export class Known implements ServedVersion {
  readonly credential: ServedCredential;
  readonly version: ServedVersion['version'];
  readonly hash: string;
  readonly #present: StoreMetadata;
  // Most versions obtain no tokens, and there are many of them.
  #remaining: BoundedMap<Remaining> | null = null;

  constructor({ credential, version, hash }: ServedVersion, present: StoreMetadata) {
    this.credential = credential;
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

  /** What remains of a token with these scopes that this version obtained. */
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

/** What the store says about versions, kept for as long as it says the same, and for {@link KEPT_FOR_MS} at most. */
export class KnownCredentials {
  readonly #store: ServingStore;
  readonly #clock: Clock;
  readonly #known = new BoundedMap<Known>(MOST_KEPT);
  #generation = -1;
  /** When what is kept began to be; a clock may be set back. */
  #since = 0;
  /** What is the same for all of them in this view; null until it was read. */
  #present: StoreMetadata | null = null;

  constructor(store: ServingStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The view that is known, for those who must not ask the store. */
  get generation(): number {
    return this.#generation;
  }

  /** What the store says about a version: null when it has none. At once where the store can. */
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
    // What was read before a change and after it does not go together.
    return this.#refresh() === generation
      ? this.#keep(versionId, found, present)
      : this.#load(versionId, null);
  }

  /**
   * As {@link find}, for a version of which something was read in some view already: it is read once more only where it
   * may be another one by now.
   */
  seen(
    versionId: string,
    { served, generation }: { readonly served: ServedVersion | null; readonly generation: number },
  ): Known | null | Promise<Known | null> {
    const isAsItWas = served !== null && mayBeKept(served) && this.#refresh() === generation;
    if (!isAsItWas || this.#present === null) return this.find(versionId);
    return this.#keep(versionId, served, this.#present);
  }

  /** An access token as the store has it at this moment; what it says of its version is known with it. */
  token(id: string): AccessToken | null | Promise<AccessToken | null> {
    const { lookup } = this.#store;
    return lookup === null
      ? this.#store.findToken(id)
      : this.#sight(lookup, 'token', id).then(({ token }) => token);
  }

  /** The version that obtained a token which {@link token} has just found. */
  obtainerOf({ versionId }: AccessToken): Known | null | Promise<Known | null> {
    if (this.#store.lookup === null) return this.find(versionId);
    this.#refresh();
    return this.#known.get(versionId) ?? this.find(versionId);
  }

  /** One question, and another one when the catalog has to be read anew: what goes together was said at one moment. */
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
  return new CredctlError('store_unavailable', 'the store is changed faster than it can be read', {
    hint: 'try again',
  });
}

/** The first use of a version that was not delivered yet changes what time does to it, without a new view. */
function mayBeKept({ version }: ServedVersion): boolean {
  return wasReceived(version);
}
