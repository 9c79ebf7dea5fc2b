import { parseHandle } from '../../src/domain/secret/handle.js';
import { listAuditEvents } from '../../src/storage/sql/audit-trail.js';
import type { SqlConnection, SqlValue } from '../../src/storage/sql/connection.js';
import { credentialOfHandle } from '../../src/storage/sql/lookup/handles.js';
import type { TestStore } from '../support/stores/stores.js';
import type { Population } from './contract/population.js';

/** A statement as it is sent to the database. */
export type Statement = readonly [text: string, parameters: readonly SqlValue[]];

/** A connection to the database of a test that keeps what it is asked. */
function recording(fresh: TestStore): { readonly connection: SqlConnection; readonly sent: Statement[] } {
  const sent: Statement[] = [];
  const ask = async (text: string, parameters: readonly SqlValue[]) => {
    sent.push([text, parameters]);
    return fresh.ask<Record<string, SqlValue>>(text, ...parameters);
  };
  const connection: SqlConnection = {
    all: async <Row>(text: string, parameters: readonly SqlValue[]) =>
      (await ask(text, parameters)) as readonly Row[],
    tuples: async <Row extends readonly SqlValue[]>(text: string, parameters: readonly SqlValue[]) =>
      (await ask(text, parameters)).map((row) => Object.values(row)) as unknown as readonly Row[],
    run: async (text, parameters) => void (await ask(text, parameters)),
  };
  return { connection, sent };
}

/** All that is sent to find a credential by a handle, and the events about what references of each kind name. */
export async function statementsOfReferences(
  fresh: TestStore,
  { credentials: [credential] }: Population,
): Promise<readonly Statement[]> {
  const { connection, sent } = recording(fresh);
  if (credential === undefined) throw new TypeError('nothing was populated');
  const handle = `cctl_${credential.type === 'api-key' ? 'key' : 'sec'}_${credential.versions[0]?.id}`;
  const parsed = parseHandle(handle);
  if (parsed === null || (await credentialOfHandle(connection, parsed)) === null) {
    throw new TypeError('the handle finds nothing');
  }
  for (const target of [credential.name, credential.id, handle, 'cctl_key_0123456789AB', 'nobody']) {
    for (const more of [{}, { before: 5 }]) await listAuditEvents(connection, { target, limit: 50, ...more });
  }
  return sent;
}
