import { GENESIS_HASH } from '../domain/audit-event.js';
import type { Catalog } from '../domain/catalog.js';
import type {
  AuditVerification,
  NewStore,
  Page,
  Store,
  StoreSettings,
  StoreStatistics,
  StoreTransaction,
} from '../domain/store-port.js';

/**
 * Stands for a store that does not exist: it reads as empty, creates nothing by being read, and the first write
 * brings the real one into being.
 */
export class EmptyStore implements Store {
  readonly #plan: NewStore & { readonly id: string };
  readonly #location: string;
  readonly #create: () => Promise<Store>;
  #created: Promise<Store> | null = null;

  /** @param create makes the store, or opens the one that somebody else has made meanwhile */
  constructor(plan: NewStore & { readonly id: string }, location: string, create: () => Promise<Store>) {
    this.#plan = plan;
    this.#location = location;
    this.#create = create;
  }

  async write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    this.#created ??= this.#create();
    return (await this.#created).write(work);
  }

  async scrub(): Promise<boolean> {
    return this.#created === null ? true : (await this.#created).scrub();
  }

  async close(): Promise<void> {
    await (await this.#created)?.close();
  }

  async settings(): Promise<StoreSettings> {
    return { id: this.#plan.id, prefix: this.#plan.prefix, hashPolicy: this.#plan.hashPolicy, createdAt: 0 };
  }

  async catalog(): Promise<Catalog> {
    return this.#plan.catalog;
  }

  async findCredential(): Promise<null> {
    return null;
  }

  async listCredentials(): Promise<Page<never>> {
    return { items: [], nextCursor: null };
  }

  async heldScopes(): Promise<readonly never[]> {
    return [];
  }

  async findPresentedVersion(): Promise<null> {
    return null;
  }

  async findPresentedToken(): Promise<null> {
    return null;
  }

  async findOwner(): Promise<null> {
    return null;
  }

  async listOwners(): Promise<readonly never[]> {
    return [];
  }

  async listAudit(): Promise<Page<never>> {
    return { items: [], nextCursor: null };
  }

  async *exportAudit(): AsyncGenerator<never> {}

  async verifyAudit(expectedHead: string | null): Promise<AuditVerification> {
    const isCut = expectedHead !== null && expectedHead !== GENESIS_HASH;
    return isCut ? { valid: false, firstBad: 1 } : { valid: true, events: 0, head: GENESIS_HASH };
  }

  async statistics(): Promise<StoreStatistics> {
    return { engine: 'sqlite', location: this.#location, schema: 0, credentials: 0, owners: 0, sizeBytes: 0 };
  }

  async check(): Promise<readonly never[]> {
    return [];
  }
}
