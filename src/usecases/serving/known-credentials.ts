import type { Catalog } from '../../domain/catalog.js';
import { CredctlError } from '../../domain/errors.js';
import { satisfies } from '../../domain/scope.js';
import type { Look, ServingStore, Sighting, StoreView } from '../../domain/serving-port.js';
import type { AccessToken, PresentedVersion } from '../../domain/store-port.js';
import { BoundedMap } from './bounded-map.js';
import type { KnownCredential, KnownVersion } from './grant.js';

/** Enough for a busy server, and about 20 MiB. */
const MOST_KEPT = 32_768;

/** Different sets of scopes among the tokens of one version. */
const MOST_SETS = 20;

/** How often a credential that is changed while it is read is read again. */
const TRIES = 20;

/** What the store says about a version and its credential in one view. */
export interface Known {
  readonly credential: KnownCredential;
  readonly version: KnownVersion;
  readonly catalog: Catalog;
  /** The prefix of the store's secrets. */
  readonly prefix: string;
  /** What remains of the scopes of a token that this version obtained. */
  held(scopes: readonly string[]): readonly string[];
}

/** What the store says about versions, kept for as long as it says the same. */
export class KnownCredentials {
  readonly #store: ServingStore;
  readonly #known = new BoundedMap<Known>(MOST_KEPT);
  #view = -1;
  /** Settings and catalog that go with what was looked at, in a store that is elsewhere. */
  #present: { readonly view: number; readonly answer: StoreView } | null = null;

  constructor(store: ServingStore) {
    this.#store = store;
  }

  /** The view that is known, for those who must not ask the store. */
  get view(): number {
    return this.#view;
  }

  /** What is known already; undefined when the store has to be asked. */
  get(versionId: string): Known | undefined {
    this.#refresh();
    return this.#known.get(versionId);
  }

  /** An access token as the store has it at this moment; what it says of its version is known with it. */
  token(id: string): AccessToken | null | Promise<AccessToken | null> {
    const { look } = this.#store;
    return look === null
      ? this.#store.findToken(id)
      : this.#sight(look, 'token', id).then(({ token }) => token);
  }

  /** Asks the store; null when it has no such version. */
  async load(versionId: string): Promise<Known | null> {
    const { look } = this.#store;
    return look === null ? this.#read(versionId) : (await this.#sight(look, 'version', versionId)).known;
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
      if (sighting.version === null) {
        if (kind === 'version') this.#known.delete(id);
        return { known: null, token: sighting.token };
      }
      if (this.#present?.view === view) {
        const known = this.#kept(sighting.version, this.#present.answer);
        return { known, token: sighting.token };
      }
      const answer = await this.#store.present();
      if (this.#refresh() === view) this.#present = { view, answer };
    }
    throw changedTooFast();
  }

  /** What was seen last is what counts, also where it differs within one view. */
  #kept(seen: NonNullable<Sighting['version']>, { catalog, settings }: StoreView): Known {
    const known = toKnown(seen, catalog, settings.prefix);
    if (mayBeKept(known)) this.#known.set(seen.version.id, known);
    else this.#known.delete(seen.version.id);
    return known;
  }

  async #read(versionId: string): Promise<Known | null> {
    for (let tries = 0; ; tries += 1) {
      const view = this.#refresh();
      const [presented, { catalog, settings }] = await Promise.all([
        this.#store.findPresentedVersion(versionId),
        this.#store.present(),
      ]);
      // What was read before a change and after it does not go together.
      if (this.#refresh() !== view) {
        if (tries < TRIES) continue;
        throw changedTooFast();
      }
      if (presented === null) return null;
      const known = toKnown(presented, catalog, settings.prefix);
      if (mayBeKept(known)) this.#known.set(versionId, known);
      return known;
    }
  }

  #refresh(): number {
    const view = this.#store.view();
    if (view !== this.#view) {
      this.#view = view;
      this.#known.clear();
    }
    return view;
  }
}

function changedTooFast(): CredctlError {
  return new CredctlError('store_unavailable', 'the store is changed faster than it can be read');
}

/** The first use of a version that was not delivered yet changes what time does to it, without a new view. */
function mayBeKept({ version }: Known): boolean {
  return version.deliveredAt !== null || version.firstUsedAt !== null;
}

function toKnown(
  { credential, version }: Pick<PresentedVersion, 'credential' | 'version'>,
  catalog: Catalog,
  prefix: string,
): Known {
  const { id, name, type, status, clientId, scopes, expiresAt, owner } = credential;
  // Most versions obtain no tokens, and there are many of them.
  let remaining: BoundedMap<readonly string[]> | null = null;
  return {
    credential: {
      id,
      name,
      type,
      status,
      clientId,
      scopes,
      expiresAt,
      owner: owner === null ? null : { name: owner.name, status: owner.status },
    },
    version: {
      id: version.id,
      deliveredAt: version.deliveredAt,
      lapsesAt: version.lapsesAt,
      retiresAt: version.retiresAt,
      revokedAt: version.revokedAt,
      ended: version.ended,
      firstUsedAt: version.firstUsedAt,
    },
    catalog,
    prefix,
    held(granted) {
      const key = granted.join(' ');
      remaining ??= new BoundedMap(MOST_SETS);
      const found = remaining.get(key);
      if (found !== undefined) return found;
      const held = granted.filter((scope) => satisfies(catalog, scopes, scope));
      remaining.set(key, held);
      return held;
    },
  };
}
