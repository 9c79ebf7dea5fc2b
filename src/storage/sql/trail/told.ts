import type { AuditEvent } from '../../../domain/audit-event.js';
import type { ComparedCredential, TrailReader } from '../../../domain/ports/trail-port.js';
import { deriveCredential } from '../../../domain/trail/derive.js';
import { OwnersFromTrail } from '../../../domain/trail/derive-owner.js';
import { VersionsFromTrail } from '../../../domain/trail/derive-versions.js';
import type { DerivedCredential, DerivedOwner, DerivedVersion } from '../../../domain/trail/derived.js';
import { MARKING_ACTIONS, StoreMarks } from '../../../domain/trail/marks.js';
import { readEvent } from '../audit-trail.js';
import { placeholders, type SqlConnection, type SqlValue } from '../connection.js';
import { heldCredential } from './held-rows.js';

const BATCH = 1_000;

const OWNER_ACTIONS = [...MARKING_ACTIONS, 'owner.activate', 'owner.deactivate', 'owner.attest'];

/** Reads what a verified trail says of owners and credentials. */
export class ToldByTrail implements TrailReader {
  readonly #connection: SqlConnection;
  readonly #end: number;
  readonly #marks: StoreMarks;
  readonly owners: ReadonlyMap<string, DerivedOwner>;

  private constructor(
    connection: SqlConnection,
    end: number,
    marks: StoreMarks,
    owners: ReadonlyMap<string, DerivedOwner>,
  ) {
    this.#connection = connection;
    this.#end = end;
    this.#marks = marks;
    this.owners = owners;
  }

  /**
   * Reads the events that concern more than one credential: those of owners, and restores.
   *
   * @param end sequence number of the last event to consider
   */
  static async read(connection: SqlConnection, end: number = Number.MAX_SAFE_INTEGER): Promise<ToldByTrail> {
    const marks = new StoreMarks();
    const owners = new OwnersFromTrail();
    for await (const event of eventsOf(connection, OWNER_ACTIONS)) {
      if (event.seq > end) break;
      marks.add(event);
      owners.apply(event);
    }
    return new ToldByTrail(connection, end, marks, owners.owners);
  }

  async compare(credentialId: string): Promise<ComparedCredential | null> {
    const held = await heldCredential(this.#connection, credentialId);
    if (held === null) return null;
    return { held, derived: (await this.credentials([credentialId])).get(credentialId) ?? null };
  }

  /** The required properties of each credential, by its id, without those that have no events. */
  async credentials(ids: readonly string[]): Promise<ReadonlyMap<string, DerivedCredential>> {
    const events = new Map<string, AuditEvent[]>(ids.map((id) => [id, []]));
    if (ids.length > 0) {
      const rows = await this.#connection.tuples<readonly [id: string, text: string]>(
        `select target_id, text from audit_event where target_id in (${placeholders(ids.length)})
          order by target_id, seq`,
        ids,
      );
      for (const [id, text] of rows) {
        const event = readEvent(text);
        if (event !== null && event.seq <= this.#end) events.get(id)?.push(event);
      }
    }
    const derived = new Map<string, DerivedCredential>();
    for (const [id, about] of events) {
      const found = deriveCredential(id, about, this.#marks);
      if (found !== null) derived.set(id, found);
    }
    return derived;
  }
}

/**
 * What the events of a credential say of its versions. Restores by older programs are not considered, since they
 * recorded nothing of them.
 */
export async function toldVersions(
  connection: SqlConnection,
  credentialId: string,
): Promise<ReadonlyMap<string, DerivedVersion>> {
  const rows = await connection.tuples<readonly [text: string]>(
    'select text from audit_event where target_id = ? order by seq',
    [credentialId],
  );
  const versions = new VersionsFromTrail();
  for (const [text] of rows) {
    const event = readEvent(text);
    if (event !== null) versions.apply(event);
  }
  return versions.versions;
}

async function* eventsOf(connection: SqlConnection, actions: readonly string[]): AsyncGenerator<AuditEvent> {
  let after = 0;
  for (;;) {
    const parameters: SqlValue[] = [...actions, after];
    const rows: readonly (readonly [seq: number, text: string])[] = await connection.tuples(
      `select seq, text from audit_event where action in (${placeholders(actions.length)}) and seq > ?
        order by seq limit ${BATCH}`,
      parameters,
    );
    for (const [, text] of rows) {
      const event = readEvent(text);
      if (event !== null) yield event;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    [after] = last;
  }
}
