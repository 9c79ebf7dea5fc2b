import { CredctlError } from '../../domain/errors.js';
import type { Finding } from '../../domain/ports/store-port.js';
import { type NameKind, nameKey, parseKnownName } from '../../domain/text/name.js';
import { quote, shellWord } from '../../domain/text/quote.js';
import type { SqlConnection } from '../sql/connection.js';
import { error } from './finding.js';

/** Names read at once. */
const PAGE = 1_000;

/**
 * Finds names of credentials and owners that no command accepts, since they may contain shell commands or terminal
 * control sequences, and name keys that differ from their names, so that a command would reach another object.
 */
export async function checkNames(connection: SqlConnection): Promise<readonly Finding[]> {
  return [
    ...(await misnamed(connection, 'credential', (id) => `credctl edit ${shellWord(id)} --name NAME`)),
    ...(await misnamed(
      connection,
      'owner',
      (_id, name) => `credctl owner edit ${shellWord(name)} --name NAME`,
    )),
  ];
}

async function misnamed(
  connection: SqlConnection,
  kind: Exclude<NameKind, 'label key'>,
  fix: (id: string, name: string) => string,
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (let after = ''; ; ) {
    const rows: readonly (readonly [id: string, name: string, key: string])[] = await connection.tuples(
      `select id, name, name_key from ${kind} where id > ? order by id limit ${PAGE}`,
      [after],
    );
    for (const [id, name, key] of rows) {
      if (key !== nameKey(name)) found.push(hidden(kind, { id, name, key }));
      const problem = problemOf(kind, name);
      if (problem === null) continue;
      found.push(error('names', `the ${kind} ${quote(name)} has an invalid name: ${problem}`, fix(id, name)));
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return found;
    [after] = last;
  }
}

function hidden(kind: NameKind, { id, name, key }: Readonly<Record<'id' | 'name' | 'key', string>>): Finding {
  return error(
    'names',
    `the ${kind} ${quote(name)} (${id}) is found under ${quote(key)}, not under its name: a command with its name finds another one, or none`,
    `credctl ${kind === 'owner' ? 'owner ' : ''}edit ${shellWord(id)} --name NAME, with a free name; find out who changed the store without credctl`,
  );
}

function problemOf(kind: NameKind, name: string): string | null {
  try {
    parseKnownName(kind, name);
    return null;
  } catch (fault) {
    if (fault instanceof CredctlError) return fault.message;
    throw fault;
  }
}
