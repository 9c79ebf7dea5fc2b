import type { FoundLeak } from '../../domain/leak/leak.js';
import type { NewVersion, OverdueVersion, Page, RecordedEvent } from '../../domain/ports/store-port.js';
import type { StoreRole } from '../../domain/ports/store-role.js';
import type { Catalog } from '../../domain/scope/catalog.js';
import { SqlTransaction } from '../sql/transaction.js';
import type { PostgresSession } from './connection/session.js';
import { followCatalog } from './functions/api-lifetimes.js';
import { heldUse, recordDirectly } from './functions/direct-use.js';
import { lockLeak, recordLeaksByFunction } from './functions/found-leaks.js';
import { noteLeftover } from './functions/leftovers.js';
import { recordByFunction } from './functions/used-versions.js';

/** Inserts the missing use record of a version; servers only update it. */
const UNUSED_VERSION = `insert into last_use (credential_key, number, first_used_at, last_used_at)
  select h.credential_key, h.number, null, 0 from version_hash h where h.version_id = ? on conflict do nothing`;

/** A write transaction on PostgreSQL, where servers write to some tables without taking the lock of changes. */
export class PostgresTransaction extends SqlTransaction {
  protected readonly session: PostgresSession;
  #hasLeftovers = false;

  constructor(session: PostgresSession) {
    super(session);
    this.session = session;
  }

  /** Whether this transaction queued rows to be removed after its commit. */
  get hasLeftovers(): boolean {
    return this.#hasLeftovers;
  }

  /**
   * Numbers of queued deletions are taken too: an entry stays queued while an older transaction, even of another
   * database, is in progress.
   */
  protected override get keyQueries(): readonly string[] {
    return ['select max(credential_key) as key from leftover'];
  }

  override async grant(role: StoreRole, databaseRole: string): Promise<void> {
    const { grantTo } = await import('./roles/grant.js');
    await grantTo(this.session, role, databaseRole);
  }

  override async insertVersion(version: NewVersion): Promise<void> {
    await super.insertVersion(version);
    await this.session.run(UNUSED_VERSION, [version.version.id]);
  }

  /**
   * Leaves uses and tokens in place, to be removed by a sweep: deleting them could wait for a server's row lock.
   * Without their credential they have no effect.
   */
  override async deleteCredential(id: string, now: number): ReturnType<SqlTransaction['deleteCredential']> {
    const deleted = await super.deleteCredential(id, now);
    if (deleted === null) return null;
    await noteLeftover(this.session, deleted);
    this.#hasLeftovers = true;
    return deleted;
  }

  override async replaceCatalog(catalog: Catalog, now: number): Promise<void> {
    await super.replaceCatalog(catalog, now);
    await followCatalog(this.session);
  }

  override recordUse(versionId: string, now: number, from: string | null): Promise<void> {
    return recordDirectly(this.session, versionId, now, from);
  }

  /** By the function of the schema, which numbers leaks without the lock of changes, as servers do. */
  override recordLeaks(found: readonly FoundLeak[], now: number): Promise<void> {
    return recordLeaksByFunction(this.session, found, now);
  }

  override async closeLeak(id: number, now: number): Promise<void> {
    await lockLeak(this.session, id);
    await super.closeLeak(id, now);
  }
}

/** The transaction of a login that may record uses, but change nothing else: it does not expire versions. */
export class UseTransaction extends PostgresTransaction {
  /**
   * Empty: every write asks for the trail first, and what this login may not do is refused by the database's
   * rights.
   */
  override async listAudit(): Promise<Page<RecordedEvent>> {
    return { items: [], nextCursor: null };
  }

  override async overdueVersions(): Promise<readonly OverdueVersion[]> {
    return [];
  }

  override async recordUse(versionId: string, now: number, from: string | null): Promise<void> {
    const uses = [{ versionId, first: now, last: now, from }];
    if ((await recordByFunction(this.session, uses)).length > 0) throw heldUse();
  }
}
