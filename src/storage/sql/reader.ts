import type { Credential, Owner, OwnerSummary } from '../../domain/credential/credential.js';
import type {
  AuditQuery,
  AuditVerification,
  ComparableVersion,
  DeletedCredential,
  Page,
  PresentedToken,
  PresentedVersion,
  RecordedEvent,
  StoreReader,
  StoreSettings,
  TypedQuery,
} from '../../domain/ports/store-port.js';
import type { TrailReader } from '../../domain/ports/trail-port.js';
import type { Catalog, CredentialType } from '../../domain/scope/catalog.js';
import { NO_SELECTION, scopeSelection } from '../../domain/scope/scope-selection.js';
import { parseHandle } from '../../domain/secret/handle.js';
import { isSecretShape } from '../../domain/secret/secret-format.js';
import { nameKey } from '../../domain/text/name.js';
import type { DerivedVersion } from '../../domain/trail/derived.js';
import type { StoreTable } from '../schema/tables.js';
import { auditBatches, listAuditEvents, verifyAuditTrail } from './audit-trail.js';
import { AliasingCatalog, catalogFromStored } from './catalog.js';
import { firstRow, type SqlConnection, type SqlValue } from './connection.js';
import {
  CREDENTIAL,
  CREDENTIAL_JOINS,
  toCredential,
  toVersion,
  VERSION,
  VERSION_JOINS,
  VERSION_OF_HASH,
} from './credential-rows.js';
import { SqlLeakReader } from './leak/reader.js';
import { accessPathOf } from './listing/access-path.js';
import { cursorAfter, listQuery } from './listing/query.js';
import { formerHolders } from './lookup/audit-targets.js';
import { credentialOfHandle } from './lookup/handles.js';
import {
  deletedCredentials,
  discardedVersionIds,
  findDeleted,
  findDeletedById,
} from './lookup/tombstones.js';
import { OWNERS } from './owners.js';
import { mustExist, type OwnerRow, parseTexts, toOwner, toSettings } from './rows.js';
import { TOKEN, TOKEN_OF_ID, toToken } from './token-rows.js';
import { versionsOfPresent } from './versions.js';

/** The queries that both engines share, as portable SQL. */
export class SqlReader extends SqlLeakReader {
  readonly #connection: SqlConnection;
  readonly #aliasing = new AliasingCatalog();

  constructor(connection: SqlConnection) {
    super(connection);
    this.#connection = connection;
  }

  async settings(): Promise<StoreSettings> {
    return toSettings(mustExist(await this.#first<StoreTable>('select * from store where id = 1')));
  }

  async catalog(): Promise<Catalog> {
    const row = await this.#first<{ document: string }>('select document from catalog where id = 1');
    return catalogFromStored(mustExist(row).document);
  }

  async findCredential(reference: string): Promise<Credential | null> {
    // A database may log its parameters.
    if (isSecretShape(reference)) return null;
    const named = await this.#credential('c.name_key = ? or c.id = ? or c.client_id = ?', [
      nameKey(reference),
      reference.toLowerCase(),
      reference,
    ]);
    if (named !== null) return named;
    const key = await this.#keyOfHandle(reference);
    return key === null ? null : this.#credential('c.key = ?', [key]);
  }

  async listCredentials(asked: TypedQuery): Promise<Page<Credential>> {
    const { api, scope, can, ...rest } = asked;
    const isByScope = (api ?? scope ?? can) !== undefined;
    const selection = isByScope ? scopeSelection(await this.catalog(), asked) : NO_SELECTION;
    const ofHandle = asked.search === undefined ? null : await this.#keyOfHandle(asked.search);
    const listing = { ...rest, ...selection, ...(ofHandle === null ? {} : { ofHandle }) };
    const { text, parameters } = listQuery(listing, await accessPathOf(this.#connection, listing));
    const rows = await this.#connection.tuples(text, parameters);
    const page = rows.slice(0, listing.limit).map((row) => CREDENTIAL.read(row));
    const last = page.at(-1);
    const versions = await versionsOfPresent(this.#connection, page);
    const catalog = page.length === 0 ? null : await this.#aliasing.read(this.#connection);
    return {
      items: page.flatMap((row) => {
        const own = versions.get(row.key);
        return own === undefined ? [] : [toCredential(row, own, catalog)];
      }),
      nextCursor: rows.length > listing.limit && last !== undefined ? cursorAfter(listing.sort, last) : null,
    };
  }

  async credentialNames(start: string, limit: number): Promise<readonly string[]> {
    const key = nameKey(start);
    const rows = await this.#connection.tuples<readonly [name: string]>(
      'select name from credential where name_key >= ? and name_key < ? order by name_key limit ?',
      [key, `${key}${LAST_CHARACTER}`, limit],
    );
    return rows.map(([name]) => name);
  }

  async heldScopes(): Promise<
    readonly { readonly name: string; readonly type: CredentialType; readonly scopes: readonly string[] }[]
  > {
    const rows = await this.#connection.all<{ name: string; type: CredentialType; scopes: string }>(
      'select name, type, scopes from credential order by name_key',
      [],
    );
    return rows.map((row) => ({ ...row, scopes: parseTexts(row.scopes, 'list of scopes') }));
  }

  discardedVersionIds(name: string): Promise<readonly string[]> {
    return discardedVersionIds(this.#connection, name);
  }

  formerHolders(name: string): Promise<readonly string[]> {
    return formerHolders(this.#connection, name);
  }

  deletedCredentials(limit: number): ReturnType<StoreReader['deletedCredentials']> {
    return deletedCredentials(this.#connection, limit);
  }

  async findComparable(versionId: string): Promise<ComparableVersion | null> {
    // Timing side channel: an unknown id runs the same joins on an arbitrary row, which is then discarded. The
    // arbitrary row is looked up for known ids too.
    const row = await this.#first<{
      id: string;
      hash: string;
      type: CredentialType;
      client_id: string | null;
      canary: number | null;
    }>(
      `select v.id, h.hash, c.type, c.client_id, c.canary from (select min(version_id) as id from version_hash) other
        join version_hash h on h.version_id = coalesce((select version_id from version_hash where version_id = ?), other.id)
        ${VERSION_OF_HASH} join credential c on c.key = v.credential_key`,
      [versionId],
    );
    if (row === null || row.id !== versionId) return null;
    return { hash: row.hash, type: row.type, clientId: row.client_id, canary: row.canary === 1 };
  }

  async findPresentedVersion(versionId: string): Promise<PresentedVersion | null> {
    const [row] = await this.#connection.tuples(
      `select ${VERSION.sql}, h.hash from version_hash h
        ${VERSION_OF_HASH} ${VERSION_JOINS} where h.version_id = ?`,
      [versionId],
    );
    if (row === undefined) return null;
    const version = VERSION.read(row);
    const credential = await this.#credential('c.key = ?', [version.credentialKey]);
    if (credential === null) return null;
    return { credential, version: toVersion(version, credential.id), hash: String(row.at(-1)) };
  }

  async findPresentedToken(tokenId: string): Promise<PresentedToken | null> {
    const [row] = await this.#connection.tuples(TOKEN_OF_ID, [tokenId]);
    const token = row === undefined ? null : toToken(TOKEN.read(row));
    const presented = token === null ? null : await this.findPresentedVersion(token.versionId);
    return token && presented && { credential: presented.credential, version: presented.version, token };
  }

  findDeleted(versionId: string): Promise<DeletedCredential | null> {
    return findDeleted(this.#connection, versionId);
  }

  findDeletedById(reference: string): Promise<DeletedCredential | null> {
    return findDeletedById(this.#connection, reference);
  }

  async findOwner(reference: string): Promise<OwnerSummary | null> {
    const keys = [nameKey(reference), reference.toLowerCase()];
    const row = await this.#first<OwnerRow>(`${OWNERS} where o.name_key = ? or o.id = ?`, keys);
    return row === null ? null : toOwner(row);
  }

  async listOwners(): Promise<readonly OwnerSummary[]> {
    return (await this.#connection.all<OwnerRow>(`${OWNERS} order by o.name_key`, [])).map(toOwner);
  }

  async ownersByName(start: string, limit: number): Promise<readonly Pick<Owner, 'id' | 'name'>[]> {
    const key = nameKey(start);
    return this.#connection.all<Pick<Owner, 'id' | 'name'>>(
      'select id, name from owner where name_key >= ? and name_key < ? order by name_key limit ?',
      [key, `${key}${LAST_CHARACTER}`, limit],
    );
  }

  listAudit(query: AuditQuery): Promise<Page<RecordedEvent>> {
    return listAuditEvents(this.#connection, query);
  }

  exportAudit(after?: number): AsyncIterable<readonly RecordedEvent[]> {
    return auditBatches(this.#connection, after ?? null);
  }

  async auditFrom(seq: number): Promise<readonly RecordedEvent[]> {
    return (await auditBatches(this.#connection, seq - 1).next()).value ?? [];
  }

  verifyAudit(expectedHead: string | null): Promise<AuditVerification> {
    return verifyAuditTrail(this.#connection, expectedHead);
  }

  async readTrail(end?: number): Promise<TrailReader> {
    const { ToldByTrail } = await import('./trail/told.js');
    return ToldByTrail.read(this.#connection, end);
  }

  async toldVersions(credentialId: string): Promise<ReadonlyMap<string, DerivedVersion>> {
    const { toldVersions } = await import('./trail/told.js');
    return toldVersions(this.#connection, credentialId);
  }

  async #credential(condition: string, parameters: readonly SqlValue[]): Promise<Credential | null> {
    const [values] = await this.#connection.tuples(
      `select ${CREDENTIAL.sql} from credential c ${CREDENTIAL_JOINS} where ${condition}`,
      parameters,
    );
    if (values === undefined) return null;
    const row = CREDENTIAL.read(values);
    const catalog = await this.#aliasing.read(this.#connection);
    const versions = (await versionsOfPresent(this.#connection, [row])).get(row.key);
    return versions === undefined ? null : toCredential(row, versions, catalog);
  }

  /** The number of the credential with a version of that handle; null for any other text. */
  async #keyOfHandle(text: string): Promise<number | null> {
    const handle = parseHandle(text);
    return handle === null ? null : credentialOfHandle(this.#connection, handle);
  }

  #first<Row>(text: string, parameters: readonly string[] = []): Promise<Row | null> {
    return firstRow<Row>(this.#connection, text, parameters);
  }
}

/** Sorts after every character that a name can have. */
const LAST_CHARACTER = '\u{10ffff}';
