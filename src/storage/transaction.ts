import type { Kysely } from 'kysely';
import type { AuditEvent } from '../domain/audit-event.js';
import type { Catalog } from '../domain/catalog.js';
import type { Owner } from '../domain/credential.js';
import type { HashPolicy } from '../domain/ports.js';
import type {
  AccessToken,
  AuditEntry,
  CredentialPatch,
  NewCredential,
  NewVersion,
  OverdueVersion,
  OwnerPatch,
  StoreTransaction,
  VersionPatch,
} from '../domain/store-port.js';
import { auditRow } from './audit-trail.js';
import { catalogToStored } from './catalog-document.js';
import {
  credentialColumns,
  hashPolicyColumns,
  newCredentialColumns,
  newVersionColumns,
  versionColumns,
} from './columns.js';
import type { SqlConnection } from './connection.js';
import { deleteOwner, insertOwner, updateOwner } from './owner-changes.js';
import { SqlReader } from './reader.js';
import { toVersion, VERSION_COLUMNS, VERSION_JOINS, type VersionRow } from './rows.js';
import type { Schema } from './schema.js';

/** The changes that are the same on every engine, inside a transaction that somebody else begins and ends. */
export class SqlTransaction extends SqlReader implements StoreTransaction {
  readonly #db: Kysely<Schema>;
  readonly #connection: SqlConnection;

  constructor(db: Kysely<Schema>, connection: SqlConnection) {
    super(connection);
    this.#db = db;
    this.#connection = connection;
  }

  async insertCredential(credential: NewCredential): Promise<void> {
    await this.#db.insertInto('credential').values(newCredentialColumns(credential)).execute();
    await this.#db
      .insertInto('credential_use')
      .values({ credential_id: credential.id, last_used_at: 0 })
      .execute();
    await this.#insertScopes(credential.id, credential.scopes);
    await this.#insertLabels(credential.id, credential.labels);
    await this.#nextGeneration();
  }

  async updateCredential(id: string, patch: CredentialPatch): Promise<void> {
    const columns = credentialColumns(patch);
    if (Object.keys(columns).length > 0) {
      await this.#db.updateTable('credential').set(columns).where('id', '=', id).execute();
    }
    if (patch.scopes !== undefined) {
      await this.#db.deleteFrom('credential_scope').where('credential_id', '=', id).execute();
      await this.#insertScopes(id, patch.scopes);
    }
    if (patch.labels !== undefined) {
      await this.#db.deleteFrom('credential_label').where('credential_id', '=', id).execute();
      await this.#insertLabels(id, patch.labels);
    }
    await this.#nextGeneration();
  }

  async deleteCredential(id: string, now: number): Promise<void> {
    const credential = await this.#db
      .selectFrom('credential')
      .select('client_id')
      .where('id', '=', id)
      .executeTakeFirst();
    const versions = await this.#db
      .selectFrom('version')
      .select('id')
      .where('credential_id', '=', id)
      .orderBy('number')
      .execute();
    await this.#db
      .insertInto('tombstone')
      .values({
        credential_id: id,
        client_id: credential?.client_id ?? null,
        version_ids: JSON.stringify(versions.map((version) => version.id)),
        deleted_at: now,
      })
      .execute();
    await this.#db.deleteFrom('credential').where('id', '=', id).execute();
    await this.#nextGeneration();
  }

  async insertVersion({ version, hash }: NewVersion): Promise<void> {
    await this.#db.insertInto('version').values(newVersionColumns(version)).execute();
    await this.#db.insertInto('version_hash').values({ version_id: version.id, hash }).execute();
    await this.#nextGeneration();
  }

  async updateVersion(id: string, patch: VersionPatch): Promise<void> {
    await this.#db.updateTable('version').set(versionColumns(patch)).where('id', '=', id).execute();
    await this.#nextGeneration();
  }

  async recordUse(versionId: string, now: number): Promise<void> {
    await this.#db
      .insertInto('version_use')
      .values({ version_id: versionId, first_used_at: now, last_used_at: now })
      .onConflict((conflict) =>
        conflict
          .column('version_id')
          .doUpdateSet({ last_used_at: now })
          .where('version_use.last_used_at', '<', now),
      )
      .execute();
    await this.#db
      .updateTable('credential_use')
      .set({ last_used_at: now })
      .where('credential_id', '=', (of) =>
        of.selectFrom('version').select('credential_id').where('id', '=', versionId),
      )
      .where('last_used_at', '<', now)
      .execute();
  }

  async insertToken(token: AccessToken): Promise<void> {
    await this.#db
      .insertInto('access_token')
      .values({
        id: token.id,
        credential_id: token.credentialId,
        version_id: token.versionId,
        digest: token.digest,
        scopes: JSON.stringify(token.scopes),
        issued_at: token.issuedAt,
        expires_at: token.expiresAt,
      })
      .execute();
  }

  async insertOwner(owner: Owner): Promise<void> {
    await insertOwner(this.#db, owner);
  }

  async updateOwner(id: string, patch: OwnerPatch): Promise<void> {
    await updateOwner(this.#db, id, patch);
    await this.#nextGeneration();
  }

  async deleteOwner(id: string, now: number): Promise<readonly string[]> {
    const stopped = await deleteOwner(this.#db, id, now);
    await this.#nextGeneration();
    return stopped;
  }

  async replaceCatalog(catalog: Catalog, now: number): Promise<void> {
    await this.#db
      .updateTable('catalog')
      .set({ document: catalogToStored(catalog), updated_at: now })
      .execute();
    await this.#nextGeneration();
  }

  async updateHashPolicy(policy: HashPolicy): Promise<void> {
    await this.#db.updateTable('store').set(hashPolicyColumns(policy)).execute();
    await this.#nextGeneration();
  }

  async overdueVersions(now: number): Promise<readonly OverdueVersion[]> {
    const rows = await this.#connection.all<
      VersionRow & { credential_name: string; credential_client_id: string | null }
    >(
      `select ${VERSION_COLUMNS}, c.name as credential_name, c.client_id as credential_client_id
        from version v join credential c on c.id = v.credential_id ${VERSION_JOINS}
        where v.ended_at is null and v.revoked_at is null
          and (v.id in (select id from version where lapses_at <= ? and lapses_at is not null
                        and ended_at is null and revoked_at is null)
            or v.id in (select id from version where retires_at <= ? and retires_at is not null
                        and ended_at is null and revoked_at is null))`,
      [now, now],
    );
    return rows.map((row) => ({
      version: toVersion(row),
      credential: { id: row.credential_id, name: row.credential_name, clientId: row.credential_client_id },
    }));
  }

  async appendAudit(entry: AuditEntry, now: number): Promise<void> {
    const head = await this.#db.selectFrom('audit_head').selectAll().executeTakeFirstOrThrow();
    const event: AuditEvent = {
      seq: head.seq + 1,
      at: now,
      actor: entry.actor,
      action: entry.action,
      target: entry.target,
      reason: entry.reason,
      details: entry.details,
    };
    const row = auditRow(event, head.hash);
    await this.#db.insertInto('audit_event').values(row).execute();
    await this.#db.updateTable('audit_head').set({ seq: row.seq, hash: row.hash }).execute();
  }

  async #insertScopes(credentialId: string, scopes: readonly string[]): Promise<void> {
    await this.#db
      .insertInto('credential_scope')
      .values(scopes.map((scope) => ({ credential_id: credentialId, scope })))
      .execute();
  }

  async #insertLabels(credentialId: string, labels: ReadonlyMap<string, string>): Promise<void> {
    if (labels.size === 0) return;
    await this.#db
      .insertInto('credential_label')
      .values([...labels].map(([key, value]) => ({ credential_id: credentialId, key, value })))
      .execute();
  }

  async #nextGeneration(): Promise<void> {
    await this.#db
      .updateTable('generation')
      .set((column) => ({ value: column('value', '+', 1) }))
      .execute();
  }
}
