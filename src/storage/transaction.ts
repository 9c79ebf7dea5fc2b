import type { AuditEvent } from '../domain/audit-event.js';
import type { Catalog } from '../domain/catalog.js';
import type { Owner } from '../domain/credential.js';
import { CredctlError, usageError } from '../domain/errors.js';
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
import type { StoreRole } from '../domain/store-role.js';
import { auditRow } from './audit-trail.js';
import { catalogToStored } from './catalog-document.js';
import {
  credentialColumns,
  hashPolicyColumns,
  newCredentialColumns,
  newVersionColumns,
  versionColumns,
} from './columns.js';
import { firstRow, insertRow, type SqlConnection, updateRow } from './connection.js';
import { toVersion, VERSION_COLUMNS, VERSION_JOINS, type VersionRow } from './credential-rows.js';
import { deleteOwner, insertOwner, updateOwner } from './owner-changes.js';
import { SqlReader } from './reader.js';

/** The changes that are the same on every engine, inside a transaction that somebody else begins and ends. */
export class SqlTransaction extends SqlReader implements StoreTransaction {
  readonly #connection: SqlConnection;
  #isNewGeneration = false;
  /** The last event of the trail, once this transaction has added one. */
  #head: { seq: number; hash: string } | null = null;

  constructor(connection: SqlConnection) {
    super(connection);
    this.#connection = connection;
  }

  /** Writes what concerns the whole of the transaction, once, before it is committed. */
  async finish(): Promise<void> {
    if (this.#isNewGeneration) await this.#connection.run('update generation set value = value + 1', []);
    if (this.#head !== null) {
      await this.#connection.run('update audit_head set seq = ?, hash = ?', [
        this.#head.seq,
        this.#head.hash,
      ]);
    }
  }

  async insertCredential(credential: NewCredential): Promise<void> {
    await insertRow(this.#connection, 'credential', newCredentialColumns(credential));
    await insertRow(this.#connection, 'credential_use', { credential_id: credential.id, last_used_at: 0 });
    await this.#insertScopes(credential.id, credential.scopes);
    await this.#insertLabels(credential.id, credential.labels);
    this.#isNewGeneration = true;
  }

  async updateCredential(id: string, patch: CredentialPatch): Promise<void> {
    await updateRow(this.#connection, 'credential', id, credentialColumns(patch));
    if (patch.scopes !== undefined) {
      await this.#connection.run('delete from credential_scope where credential_id = ?', [id]);
      await this.#insertScopes(id, patch.scopes);
    }
    if (patch.labels !== undefined) {
      await this.#connection.run('delete from credential_label where credential_id = ?', [id]);
      await this.#insertLabels(id, patch.labels);
    }
    this.#isNewGeneration = true;
  }

  async deleteCredential(id: string, now: number): Promise<void> {
    const credential = await firstRow<{ client_id: string | null }>(
      this.#connection,
      'select client_id from credential where id = ?',
      [id],
    );
    const versions = await this.#connection.all<{ id: string }>(
      'select id from version where credential_id = ? order by number',
      [id],
    );
    await insertRow(this.#connection, 'tombstone', {
      credential_id: id,
      client_id: credential?.client_id ?? null,
      version_ids: JSON.stringify(versions.map((version) => version.id)),
      deleted_at: now,
    });
    await this.#connection.run('delete from credential where id = ?', [id]);
    this.#isNewGeneration = true;
  }

  async insertVersion({ version, hash }: NewVersion): Promise<void> {
    await insertRow(this.#connection, 'version', newVersionColumns(version));
    await insertRow(this.#connection, 'version_hash', { version_id: version.id, hash });
    this.#isNewGeneration = true;
  }

  async updateVersion(id: string, patch: VersionPatch): Promise<void> {
    await updateRow(this.#connection, 'version', id, versionColumns(patch));
    this.#isNewGeneration = true;
  }

  async recordUse(versionId: string, now: number): Promise<void> {
    await this.#connection.run(
      `insert into version_use (version_id, first_used_at, last_used_at) values (?, ?, ?)
        on conflict (version_id) do update set last_used_at = excluded.last_used_at
          where version_use.last_used_at < excluded.last_used_at`,
      [versionId, now, now],
    );
    await this.#connection.run(
      `update credential_use set last_used_at = ?
        where credential_id = (select credential_id from version where id = ?) and last_used_at < ?`,
      [now, versionId, now],
    );
  }

  async insertToken(token: AccessToken): Promise<void> {
    await insertRow(this.#connection, 'access_token', {
      id: token.id,
      credential_id: token.credentialId,
      version_id: token.versionId,
      digest: token.digest,
      scopes: JSON.stringify(token.scopes),
      issued_at: token.issuedAt,
      expires_at: token.expiresAt,
    });
  }

  async insertOwner(owner: Owner): Promise<void> {
    await insertOwner(this.#connection, owner);
  }

  async updateOwner(id: string, patch: OwnerPatch): Promise<void> {
    await updateOwner(this.#connection, id, patch);
    this.#isNewGeneration = true;
  }

  async deleteOwner(id: string, now: number): Promise<readonly string[]> {
    const stopped = await deleteOwner(this.#connection, id, now);
    this.#isNewGeneration = true;
    return stopped;
  }

  async replaceCatalog(catalog: Catalog, now: number): Promise<void> {
    await this.#connection.run('update catalog set document = ?, updated_at = ?', [
      catalogToStored(catalog),
      now,
    ]);
    this.#isNewGeneration = true;
  }

  async updateHashPolicy(policy: HashPolicy): Promise<void> {
    const { hash_scheme, bcrypt_cost } = hashPolicyColumns(policy);
    await this.#connection.run('update store set hash_scheme = ?, bcrypt_cost = ?', [
      hash_scheme,
      bcrypt_cost,
    ]);
    this.#isNewGeneration = true;
  }

  async grant(_role: StoreRole, _databaseRole: string): Promise<void> {
    throw usageError('a store in a file belongs to the owner of the file');
  }

  async overdueVersions(now: number): Promise<readonly OverdueVersion[]> {
    const rows = await this.#connection.tuples<
      readonly [...VersionRow, credentialName: string, clientId: string | null]
    >(
      `select ${VERSION_COLUMNS}, c.name, c.client_id
        from version v join credential c on c.id = v.credential_id ${VERSION_JOINS}
        where v.ended_at is null and v.revoked_at is null
          and (v.id in (select id from version where lapses_at <= ? and lapses_at is not null
                        and ended_at is null and revoked_at is null)
            or v.id in (select id from version where retires_at <= ? and retires_at is not null
                        and ended_at is null and revoked_at is null))`,
      [now, now],
    );
    return rows.map((row) => {
      const version = toVersion(row.slice(0, -2) as unknown as VersionRow);
      const [name, clientId] = row.slice(-2) as unknown as readonly [string, string | null];
      return { version, credential: { id: version.credentialId, name, clientId } };
    });
  }

  async appendAudit(entry: AuditEntry, now: number): Promise<void> {
    const head = this.#head ?? (await this.#storedHead());
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
    await insertRow(this.#connection, 'audit_event', row);
    this.#head = { seq: row.seq, hash: row.hash };
  }

  async #storedHead(): Promise<{ seq: number; hash: string }> {
    const head = await firstRow<{ seq: number; hash: string }>(
      this.#connection,
      'select seq, hash from audit_head',
    );
    if (head !== null) return head;
    throw new CredctlError('integrity', 'the audit trail has lost its end', {
      hint: "keep a copy of the store and run 'credctl audit verify'",
    });
  }

  async #insertScopes(credentialId: string, scopes: readonly string[]): Promise<void> {
    for (const scope of scopes) {
      await insertRow(this.#connection, 'credential_scope', { credential_id: credentialId, scope });
    }
  }

  async #insertLabels(credentialId: string, labels: ReadonlyMap<string, string>): Promise<void> {
    for (const [key, value] of labels) {
      await insertRow(this.#connection, 'credential_label', { credential_id: credentialId, key, value });
    }
  }
}
