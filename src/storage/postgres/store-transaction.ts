import type { NewVersion, OverdueVersion, Page, RecordedEvent } from '../../domain/ports/store-port.js';
import type { StoreRole } from '../../domain/ports/store-role.js';
import type { Catalog } from '../../domain/scope/catalog.js';
import { SqlTransaction } from '../sql/transaction.js';
import type { PostgresSession } from './connection/session.js';
import { followCatalog } from './functions/api-lifetimes.js';
import { heldUse, recordDirectly } from './functions/direct-use.js';
import { noteLeftover } from './functions/leftovers.js';
import { UNUSED_VERSION } from './functions/use-records.js';
import { recordByFunction } from './functions/used-versions.js';

/** What is different in a transaction on PostgreSQL, where servers write to some tables past the lock that all changes take. */
export class PostgresTransaction extends SqlTransaction {
  protected readonly session: PostgresSession;
  #hasLeftovers = false;

  constructor(session: PostgresSession) {
    super(session);
    this.session = session;
  }

  /** Whether there is something to be wiped once this is committed. */
  get hasLeftovers(): boolean {
    return this.#hasLeftovers;
  }

  /** A deletion stays noted while a transaction is under way that began before it, be it of another database. */
  protected override get numbered(): readonly string[] {
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

  /** Uses and tokens stay, which no statement that could wait for a server touches, and count for nothing any more. */
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
}

/** What somebody writes who may not change credentials: stamping what time has ended is left to those who may. */
export class UseTransaction extends PostgresTransaction {
  /** Asked before every change: one that this login may not make is refused by its own statements, not by this. */
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
