import type { AuditEntry } from '../../domain/audit-port.js';
import type { Attested } from '../../domain/migration-port.js';
import type { Author } from '../../domain/ports.js';
import type { StoreTransaction } from '../../domain/store-port.js';
import { attestedFacts } from '../../domain/trail/attest.js';
import { differencesFromTrail } from '../../domain/trail/compare.js';
import type { HeldCredential } from '../../domain/trail/held.js';
import { factsJson } from '../../domain/trail/pending-facts.js';
import type { SqlConnection } from '../connection.js';
import { heldAfter } from './held-rows.js';
import type { ToldByTrail } from './told.js';

/** Credentials that are read, and told of, at once. */
const PAGE = 500;

/** What is told, and by whom. */
export interface Attestation {
  readonly author: Author;
  /** Epoch milliseconds. */
  readonly now: number;
  /** What the trail has told before, which goes before what the tables have; null to believe the tables. */
  readonly told: ToldByTrail | null;
}

/** Writes an event for every owner and every credential, with all that must be true of it from then on. */
export async function attestAll(
  connection: SqlConnection,
  transaction: Pick<StoreTransaction, 'appendAudits'>,
  { author, now, told }: Attestation,
): Promise<Attested> {
  await transaction.appendAudits(await ownerEntries(connection, author, told), now);
  const contradicted: string[] = [];
  let [credentials, hashes] = [0, 0];
  for (let after = ''; ; ) {
    const page: readonly HeldCredential[] = await heldAfter(connection, after, PAGE);
    const derived = (await told?.credentials(page.map(({ id }) => id))) ?? null;
    const entries = page.map((held): AuditEntry => {
      const before = derived?.get(held.id) ?? null;
      if (before !== null && differencesFromTrail(held, before).length > 0) contradicted.push(held.name);
      for (const { id, sha256 } of held.versions) {
        if (sha256 !== null && before?.versions.get(id)?.sha256 === undefined) hashes += 1;
      }
      return {
        ...author,
        action: 'credential.attest',
        target: { kind: 'credential', id: held.id, name: held.name },
        details: { facts: factsJson(attestedFacts(held, before, now)) },
      };
    });
    await transaction.appendAudits(entries, now);
    credentials += page.length;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return { credentials, hashes, contradicted };
    after = last.id;
  }
}

async function ownerEntries(
  connection: SqlConnection,
  author: Author,
  told: ToldByTrail | null,
): Promise<readonly AuditEntry[]> {
  const rows = await connection.all<{ id: string; name: string; kind: string; status: string }>(
    'select id, name, kind, status from owner order by id',
    [],
  );
  return rows.map(({ id, name, kind, status }): AuditEntry => {
    const before = told?.owners.get(id);
    const facts = {
      name: before?.name ?? name,
      kind: before?.kind ?? kind,
      status: before?.status ?? status,
    };
    return { ...author, action: 'owner.attest', target: { kind: 'owner', id, name }, details: { facts } };
  });
}
