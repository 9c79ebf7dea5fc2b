import { GENESIS_HASH } from '../domain/audit-event.js';
import { CredctlError } from '../domain/errors.js';
import type { LeakQuery } from '../domain/leak/leak.js';
import type { Clock } from '../domain/ports/ports.js';
import type { StorePlacing } from '../domain/ports/store-placing.js';
import type {
  AuditQuery,
  AuditVerification,
  CredentialQuery,
  NewStore,
  RecordedEvent,
  Scrubbed,
  Store,
  StoreSettings,
  StoreStatistics,
  StoreTransaction,
} from '../domain/ports/store-port.js';
import type { TrailReader } from '../domain/ports/trail-port.js';
import type { Catalog } from '../domain/scope/catalog.js';
import { scopeSelection } from '../domain/scope/scope-selection.js';
import type { DerivedVersion } from '../domain/trail/derived.js';

/** The error for a store that was removed while it was being created. */
export function vanished(place: string): CredctlError {
  return new CredctlError(
    'store_unavailable',
    `another program removed ${place} while it was being created`,
    {
      hint: 'find out which program removes it, and try again',
    },
  );
}

const NOTHING = { items: [], nextCursor: null } as const;

/**
 * Null object for a store that does not exist: reads return nothing and create nothing; the first write creates the
 * store and delegates to it from then on.
 */
export class EmptyStore implements Store {
  readonly clock: Clock | null;
  readonly #plan: NewStore & { readonly id: string };
  readonly #location: string;
  readonly #engine: StoreStatistics['engine'];
  readonly #create: () => Promise<Store>;
  #creation: Promise<Store> | null = null;
  #real: Store | null = null;

  /**
   * @param create creates the store, or opens one that was created concurrently
   * @param clock the database's, where there is one
   */
  constructor(
    plan: NewStore & { readonly id: string },
    location: string,
    engine: StoreStatistics['engine'],
    create: () => Promise<Store>,
    clock: Clock | null = null,
  ) {
    this.clock = clock;
    this.#plan = plan;
    this.#location = location;
    this.#engine = engine;
    this.#create = create;
  }

  async write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    this.#creation ??= this.#create();
    try {
      this.#real = await this.#creation;
    } catch (fault) {
      // Allows a retry: the cause of the failure may be gone by then.
      this.#creation = null;
      throw fault;
    }
    return this.#real.write(work);
  }

  async placing(): Promise<StorePlacing> {
    return this.#real?.placing() ?? { kind: 'none', location: this.#location };
  }

  async scrub(): Promise<Scrubbed> {
    return this.#real?.scrub() ?? 'done';
  }

  async close(): Promise<void> {
    await this.#real?.close();
  }

  async settings(): Promise<StoreSettings> {
    const { id, prefix, hashPolicy } = this.#plan;
    return this.#real?.settings() ?? { id, prefix, hashPolicy, earlierPolicies: [], createdAt: 0 };
  }

  async catalog(): Promise<Catalog> {
    return this.#real?.catalog() ?? this.#plan.catalog;
  }

  async findCredential(reference: string): ReturnType<Store['findCredential']> {
    return this.#real?.findCredential(reference) ?? null;
  }

  async listCredentials(query: CredentialQuery): ReturnType<Store['listCredentials']> {
    if (this.#real !== null) return this.#real.listCredentials(query);
    scopeSelection(this.#plan.catalog, query);
    return NOTHING;
  }

  async credentialNames(start: string, limit: number): ReturnType<Store['credentialNames']> {
    return this.#real?.credentialNames(start, limit) ?? [];
  }

  async heldScopes(): ReturnType<Store['heldScopes']> {
    return this.#real?.heldScopes() ?? [];
  }

  async discardedVersionIds(name: string): ReturnType<Store['discardedVersionIds']> {
    return this.#real?.discardedVersionIds(name) ?? [];
  }

  async formerHolders(name: string): Promise<readonly string[]> {
    return this.#real?.formerHolders(name) ?? [];
  }

  async deletedCredentials(limit: number): ReturnType<Store['deletedCredentials']> {
    return this.#real?.deletedCredentials(limit) ?? [];
  }

  async findComparable(versionId: string): ReturnType<Store['findComparable']> {
    return this.#real?.findComparable(versionId) ?? null;
  }

  async findPresentedVersion(versionId: string): ReturnType<Store['findPresentedVersion']> {
    return this.#real?.findPresentedVersion(versionId) ?? null;
  }

  async findDeleted(versionId: string): ReturnType<Store['findDeleted']> {
    return this.#real?.findDeleted(versionId) ?? null;
  }

  async findDeletedById(reference: string): ReturnType<Store['findDeletedById']> {
    return this.#real?.findDeletedById(reference) ?? null;
  }

  async findPresentedToken(tokenId: string): ReturnType<Store['findPresentedToken']> {
    return this.#real?.findPresentedToken(tokenId) ?? null;
  }

  async findOwner(name: string): ReturnType<Store['findOwner']> {
    return this.#real?.findOwner(name) ?? null;
  }

  async listOwners(): ReturnType<Store['listOwners']> {
    return this.#real?.listOwners() ?? [];
  }

  async ownersByName(start: string, limit: number): ReturnType<Store['ownersByName']> {
    return this.#real?.ownersByName(start, limit) ?? [];
  }

  async listLeaks(query: LeakQuery): ReturnType<Store['listLeaks']> {
    return this.#real?.listLeaks(query) ?? NOTHING;
  }

  async findLeak(id: number): ReturnType<Store['findLeak']> {
    return this.#real?.findLeak(id) ?? null;
  }

  async countOpenLeaks(): Promise<number> {
    return this.#real?.countOpenLeaks() ?? 0;
  }

  async listAudit(query: AuditQuery): ReturnType<Store['listAudit']> {
    return this.#real?.listAudit(query) ?? NOTHING;
  }

  async *exportAudit(after?: number): AsyncGenerator<readonly RecordedEvent[]> {
    if (this.#real !== null) yield* this.#real.exportAudit(after);
  }

  async auditFrom(seq: number): ReturnType<Store['auditFrom']> {
    return this.#real?.auditFrom(seq) ?? [];
  }

  async verifyAudit(expectedHead: string | null): Promise<AuditVerification> {
    if (this.#real !== null) return this.#real.verifyAudit(expectedHead);
    const isCut = expectedHead !== null && expectedHead !== GENESIS_HASH;
    return isCut ? { valid: false, firstBad: 1 } : { valid: true, events: 0, head: GENESIS_HASH };
  }

  async readTrail(end?: number): Promise<TrailReader> {
    return this.#real?.readTrail(end) ?? { owners: new Map(), compare: async () => null };
  }

  async toldVersions(credentialId: string): Promise<ReadonlyMap<string, DerivedVersion>> {
    return this.#real?.toldVersions(credentialId) ?? new Map();
  }

  async statistics(): Promise<StoreStatistics> {
    return (
      this.#real?.statistics() ?? {
        engine: this.#engine,
        location: this.#location,
        schema: 0,
        credentials: 0,
        owners: 0,
        sizeBytes: 0,
      }
    );
  }

  async check(now: number): ReturnType<Store['check']> {
    return this.#real?.check(now) ?? [];
  }
}
