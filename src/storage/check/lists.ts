import { CredctlError } from '../../domain/errors.js';
import type { Finding } from '../../domain/ports/store-port.js';
import { placeholders, type SqlConnection, type SqlValue } from '../sql/connection.js';
import { parseLabels, parseTexts } from '../sql/rows.js';
import { error } from './finding.js';

/** Rows read at once. */
const PAGE = 1_000;

const FIX = 'keep a copy of the store as it is, and restore it from a backup';

/** A credential's own scopes and labels. */
export interface Listed {
  readonly key: number;
  readonly name: string;
  readonly scopes: string;
  readonly labels: string;
}

/**
 * A list that is stored twice: in the credential's row, to be shown, and as rows of their own, to be searched. No
 * foreign key ties the rows to the credential.
 */
interface List {
  readonly what: 'scopes' | 'labels';
  readonly table: string;
  /** The columns of an entry, in the order of the table's key. */
  readonly columns: readonly string[];
  readonly shown: (credential: Listed) => readonly (readonly string[])[];
}

const LISTS: readonly List[] = [
  {
    what: 'scopes',
    table: 'credential_scope',
    columns: ['scope'],
    shown: ({ scopes }) => parseTexts(scopes, 'list of scopes').map((scope) => [scope]),
  },
  {
    what: 'labels',
    table: 'credential_label',
    columns: ['key', 'value'],
    shown: ({ labels }) => [...parseLabels(labels)],
  },
];

/** Finds entries of a credential's lists without a row, and lists that cannot be read. */
export async function missingRows(
  connection: SqlConnection,
  credential: Listed,
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const list of LISTS) {
    const shown = readable(() => list.shown(credential));
    if (shown === null || !(await hasAll(connection, list, credential.key, shown)))
      found.push(contradiction(list, credential));
  }
  return found;
}

async function hasAll(
  connection: SqlConnection,
  { table, columns }: List,
  key: number,
  entries: readonly (readonly string[])[],
): Promise<boolean> {
  if (entries.length === 0) return true;
  const entry = `(${placeholders(columns.length)})`;
  const [row] = await connection.tuples<readonly [n: number]>(
    `select count(*) from ${table}
      where credential_key = ? and (${columns.join(', ')}) in (values ${entries.map(() => entry).join(', ')})`,
    [key, ...entries.flat()],
  );
  return row?.[0] === entries.length;
}

/**
 * Finds rows that their credential does not list. Scans the tables in the order of their keys, which is not that of
 * credentials.
 *
 * @param known earlier findings, which are not repeated
 */
export async function unlistedRows(
  connection: SqlConnection,
  known: readonly Finding[],
): Promise<readonly Finding[]> {
  const found = new Map<string, Finding>();
  for (const list of LISTS) {
    for await (const finding of unlistedIn(connection, list)) found.set(finding.message, finding);
  }
  for (const { message } of known) found.delete(message);
  return [...found.values()];
}

async function* unlistedIn(connection: SqlConnection, list: List): AsyncGenerator<Finding> {
  const columns = [...list.columns, 'credential_key'].map((name) => `s.${name}`);
  let after: readonly SqlValue[] = [];
  for (;;) {
    const rows: readonly (readonly SqlValue[])[] = await connection.tuples(
      `select ${columns.join(', ')}, c.name, c.scopes, c.labels
        from ${list.table} s left join credential c on c.key = s.credential_key
        ${after.length === 0 ? '' : `where (${columns.join(', ')}) > (${placeholders(after.length)})`}
        order by ${columns.join(', ')} limit ${PAGE}`,
      after,
    );
    for (const row of rows) {
      const [name, scopes, labels] = row
        .slice(columns.length)
        .map((value) => (value === null ? null : String(value)));
      if (name == null || scopes == null || labels == null) {
        yield error('orphans', `a row of ${list.table} belongs to no credential`, FIX);
        continue;
      }
      const credential = { key: Number(row[columns.length - 1]), name, scopes, labels };
      const shown = readable(() => list.shown(credential));
      const entry = row.slice(0, list.columns.length);
      if (shown?.some((each) => each.every((part, index) => part === entry[index])) !== true)
        yield contradiction(list, credential);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.slice(0, columns.length);
  }
}

function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (fault) {
    if (fault instanceof CredctlError) return null;
    throw fault;
  }
}

function contradiction({ what }: List, { name }: Listed): Finding {
  return error(what, `the ${what} of ${name} contradict each other`, FIX);
}
