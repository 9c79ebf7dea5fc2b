import { AUDIT_ALG, type AuditEvent } from '../../domain/audit-event.js';
import type { Credential, Owner } from '../../domain/credential/credential.js';
import { CredctlError, usageError } from '../../domain/errors.js';
import type { FoundLeak } from '../../domain/leak/leak.js';
import type { Author, HashPolicy } from '../../domain/ports/ports.js';
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
} from '../../domain/ports/store-port.js';
import type { StoreRole } from '../../domain/ports/store-role.js';
import type { Catalog } from '../../domain/scope/catalog.js';
import { factsOfNew, factsOfPatch, factsOfVersion, factsOfVersionPatch } from '../../domain/trail/facts.js';
import { PendingFacts } from '../../domain/trail/pending-facts.js';
import { POLICIES_HELD } from '../schema/migrations/004b-policies.js';
import type { AuditEventTable } from '../schema/tables.js';
import { auditRow, sha256 } from './audit-trail.js';
import { catalogToStored } from './catalog.js';
import { hashPolicyColumns } from './columns.js';
import { firstRow, insertRow, insertRows, type SqlConnection, updateRow } from './connection.js';
import { deleteCredential, insertCredential, updateCredential } from './credentials.js';
import { formatPolicy } from './hash-policies.js';
import { closeLeak, recordLeaks } from './leak/leaks.js';
import { rightNameKeys } from './name-keys.js';
import { deleteOwner, insertOwner, updateOwner } from './owners.js';
import { SqlReader } from './reader.js';
import { withCatalogDigest } from './trail/catalog-digest.js';
import { insertVersion, overdueVersions, recordUse, updateVersion } from './versions.js';

/** The writes that both engines share, in a transaction that the caller begins and ends. */
export class SqlTransaction extends SqlReader implements StoreTransaction {
  readonly #connection: SqlConnection;
  #isNewGeneration = false;
  /** The last event of the trail, once this transaction has appended one. */
  #head: { seq: number; hash: string } | null = null;
  #commonDetails: AuditEntry['details'] = {};
  readonly #untold = new PendingFacts();

  constructor(connection: SqlConnection) {
    super(connection);
    this.#connection = connection;
  }

  /** Writes the generation counter and the head of the trail, once, before the commit. */
  async finish(): Promise<void> {
    if (this.#isNewGeneration) await this.#connection.run('update generation set value = value + 1', []);
    if (this.#head !== null) {
      await this.#connection.run('update audit_head set seq = ?, hash = ?', [
        this.#head.seq,
        this.#head.hash,
      ]);
    }
  }

  /** Queries for the greatest credential number in tables of one engine. */
  protected get keyQueries(): readonly string[] {
    return [];
  }

  async insertCredential(credential: NewCredential): Promise<void> {
    await insertCredential(this.#connection, credential, this.keyQueries);
    this.#untold.note(credential.id, factsOfNew(credential));
    this.#isNewGeneration = true;
  }

  async updateCredential(id: string, patch: CredentialPatch): Promise<void> {
    await updateCredential(this.#connection, id, patch);
    this.#untold.note(id, factsOfPatch(patch));
    this.#isNewGeneration = true;
  }

  async deleteCredential(id: string, now: number): ReturnType<typeof deleteCredential> {
    this.#untold.forget(id);
    this.#isNewGeneration = true;
    return deleteCredential(this.#connection, id, now);
  }

  async insertVersion(version: NewVersion): Promise<void> {
    await insertVersion(this.#connection, version);
    this.#untold.noteVersion(version.version.id, factsOfVersion(version.version, sha256(version.hash)));
    this.#isNewGeneration = true;
  }

  async updateVersion(id: string, patch: VersionPatch): Promise<void> {
    await updateVersion(this.#connection, id, patch);
    this.#untold.noteVersion(id, factsOfVersionPatch(patch));
    this.#isNewGeneration = true;
  }

  recordUse(versionId: string, now: number, from: string | null): Promise<void> {
    return recordUse(this.#connection, versionId, now, from);
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

  async deleteToken(id: string): Promise<void> {
    await this.#connection.run('delete from access_token where id = ?', [id]);
    this.#isNewGeneration = true;
  }

  recordLeaks(found: readonly FoundLeak[], now: number): Promise<void> {
    return recordLeaks(this.#connection, found, now);
  }

  closeLeak(id: number, now: number): Promise<void> {
    return closeLeak(this.#connection, id, now);
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
    const { hashPolicy } = await this.settings();
    // A version in delivery may have been hashed with the policy before this one.
    await this.#connection.run(
      `update store set hash_scheme = ?, bcrypt_cost = ?, earlier_hashes = concat_ws(',', cast(? as text), ${POLICIES_HELD})`,
      [hash_scheme, bcrypt_cost, formatPolicy(hashPolicy)],
    );
    this.#isNewGeneration = true;
  }

  async replaceStoreId(id: string): Promise<void> {
    await this.#connection.run('update store set store_id = ?, place = null', [id]);
    this.#isNewGeneration = true;
  }

  async grant(_role: StoreRole, _databaseRole: string): Promise<void> {
    throw usageError('a store in a file belongs to the owner of the file');
  }

  overdueVersions(now: number): Promise<readonly OverdueVersion[]> {
    return overdueVersions(this.#connection, now);
  }

  addToEvents(details: AuditEntry['details']): void {
    this.#commonDetails = { ...this.#commonDetails, ...details };
  }

  async correctCredential(
    id: string,
    { type, clientId, canary }: Pick<Credential, 'type' | 'clientId' | 'canary'>,
  ): Promise<void> {
    const columns = { type, client_id: clientId, canary: canary ? 1 : 0 };
    await updateRow(this.#connection, 'credential', id, columns);
    this.#isNewGeneration = true;
  }

  async rightNameKeys(kind: 'credential' | 'owner'): Promise<readonly string[]> {
    const names = await rightNameKeys(this.#connection, kind);
    if (names.length > 0) this.#isNewGeneration = true;
    return names;
  }

  async putBackHash(versionId: string, hash: string, expected: string): Promise<boolean> {
    if (sha256(hash) !== expected) return false;
    await this.#connection.run('update version_hash set hash = ? where version_id = ?', [hash, versionId]);
    this.#isNewGeneration = true;
    return true;
  }

  async attest(author: Author, now: number): Promise<void> {
    const { attestAll } = await import('./trail/attest.js');
    await attestAll(this.#connection, this, { author, now, told: null });
  }

  async appendAudit(entry: AuditEntry, now: number): Promise<void> {
    const row = await this.#nextEvent(entry, now);
    await insertRow(this.#connection, 'audit_event', row);
  }

  async appendAudits(entries: readonly AuditEntry[], now: number): Promise<void> {
    const rows: AuditEventTable[] = [];
    for (const entry of entries) rows.push(await this.#nextEvent(entry, now));
    await insertRows(this.#connection, 'audit_event', rows);
  }

  async #nextEvent(entry: AuditEntry, now: number): Promise<AuditEventTable> {
    const head = this.#head ?? (await this.#storedHead());
    const details = await withCatalogDigest(this.#connection, {
      action: entry.action,
      details: this.#untold.detailsOf(entry),
    });
    const event: AuditEvent = {
      seq: head.seq + 1,
      at: now,
      actor: entry.actor,
      action: entry.action,
      target: entry.target,
      reason: entry.reason,
      details: { ...details, ...this.#commonDetails },
      alg: AUDIT_ALG,
      ...(this.#connection.login == null ? {} : { login: this.#connection.login }),
    };
    const row = auditRow(event, head.hash);
    this.#head = { seq: row.seq, hash: row.hash };
    return row;
  }

  async #storedHead(): Promise<{ seq: number; hash: string }> {
    const head = await firstRow<{ seq: number; hash: string }>(
      this.#connection,
      'select seq, hash from audit_head',
    );
    if (head !== null) return head;
    throw new CredctlError('integrity', 'the audit trail has lost its last events', {
      hint: "keep a copy of the store and run 'credctl audit verify'",
    });
  }
}
