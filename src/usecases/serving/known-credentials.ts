import { scopesHeld } from '../../domain/credential/verdict.js';
import { wasReceived } from '../../domain/credential/version.js';
import { CredctlError } from '../../domain/errors.js';
import type { Clock } from '../../domain/ports/ports.js';
import type {
  Look,
  ServedCredential,
  ServedVersion,
  ServingStore,
  StoreView,
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
  readonly #present: StoreView;
  // Most versions obtain no tokens, and there are many of them.
  #remaining: BoundedMap<Remaining> | null = null;

  constructor({ credential, version, hash }: ServedVersion, present: StoreView) {
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
  #view = -1;
  /** When what is kept began to be; a clock may be set back. */
  #since = 0;
  /** What is the same for all of them in this view; null until it was read. */
  #present: StoreView | null = null;

  constructor(store: ServingStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The view that is known, for those who must not ask the store. */
  get view(): number {
    return this.#view;
  }

  /** What the store says about a version: null when it has none. At once where the store can. */
  find(versionId: string): Known | null | Promise<Known | null> {
    const { look } = this.#store;
    if (look !== null) return this.#sight(look, 'version', versionId).then(({ known }) => known);
    const view = this.#refresh();
    const known = this.#known.get(versionId);
    if (known !== undefined) return known;
    const present = this.#present;
    if (present === null) return this.#load(versionId, null);
    const found = this.#store.findPresentedVersion(versionId);
    if (found instanceof Promise) return this.#load(versionId, found);
    // What was read before a change and after it does not go together.
    return this.#refresh() === view ? this.#keep(versionId, found, present) : this.#load(versionId, null);
  }

  /**
   * As {@link find}, for a version of which something was read in some view already: it is read once more only where it
   * may be another one by now.
   */
  seen(
    versionId: string,
    { served, view }: { readonly served: ServedVersion | null; readonly view: number },
  ): Known | null | Promise<Known | null> {
    const isAsItWas = served !== null && mayBeKept(served) && this.#refresh() === view;
    if (!isAsItWas || this.#present === null) return this.find(versionId);
    return this.#keep(versionId, served, this.#present);
  }

  /** An access token as the store has it at this moment; what it says of its version is known with it. */
  token(id: string): AccessToken | null | Promise<AccessToken | null> {
    const { look } = this.#store;
    return look === null
      ? this.#store.findToken(id)
      : this.#sight(look, 'token', id).then(({ token }) => token);
  }

  /** The version that obtained a token which {@link token} has just found. */
  obtainerOf({ versionId }: AccessToken): Known | null | Promise<Known | null> {
    if (this.#store.look === null) return this.find(versionId);
    this.#refresh();
    return this.#known.get(versionId) ?? this.find(versionId);
  }

  /** One question, and another one when the catalog has to be read anew: what goes together was said at one moment. */
  async #sight(
    look: Look,
    kind: 'version' | 'token',
    id: string,
  ): Promise<{ readonly known: Known | null; readonly token: AccessToken | null }> {
    for (let tries = 0; tries <= TRIES; tries += 1) {
      const sighting = await look(kind, id);
      const view = this.#refresh();
      if (sighting.view !== view) continue;
      const { token, version } = sighting;
      if (version === null) {
        if (kind === 'version') this.#known.delete(id);
        return { known: null, token };
      }
      if (this.#present !== null)
        return { known: this.#keep(version.version.id, version, this.#present), token };
      const present = await this.#store.present();
      if (this.#refresh() === view) this.#present = present;
    }
    throw changedTooFast();
  }

  async #load(versionId: string, asked: Promise<ServedVersion | null> | null): Promise<Known | null> {
    let first = asked;
    for (let tries = 0; ; tries += 1) {
      const view = this.#refresh();
      const [found, present] = await Promise.all([
        first ?? this.#store.findPresentedVersion(versionId),
        this.#store.present(),
      ]);
      if (this.#refresh() === view) {
        this.#present = present;
        return this.#keep(versionId, found, present);
      }
      first = null;
      if (tries >= TRIES) throw changedTooFast();
    }
  }

  #keep(versionId: string, found: ServedVersion | null, present: StoreView): Known | null {
    if (found === null) return null;
    const known = new Known(found, present);
    if (mayBeKept(known)) this.#known.set(versionId, known);
    else this.#known.delete(versionId);
    return known;
  }

  #refresh(): number {
    const view = this.#store.view();
    const now = this.#clock.now();
    if (view !== this.#view) {
      this.#view = view;
      this.#present = null;
    } else if (Math.abs(now - this.#since) < KEPT_FOR_MS) {
      return view;
    }
    this.#since = now;
    this.#known.clear();
    return view;
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
