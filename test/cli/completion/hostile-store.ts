import { copyFileSync } from 'node:fs';
import Database from 'better-sqlite3';

/** Every one of these, let loose in a shell, leaves a trace: a file named PWNED, or a word that is not the name. */
export const HOSTILE_NAMES: readonly string[] = [
  '$(touch PWNED)',
  '`touch PWNED`',
  "'$(touch PWNED)'",
  '"$(touch PWNED)"',
  'a;touch PWNED',
  'a&touch PWNED',
  'a|touch PWNED',
  'a>PWNED',
  '<(touch PWNED)',
  '=(touch PWNED)',
  '(touch PWNED)',
  '$((PWNED[$(touch PWNED)]))',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not ours
  '${(e):-$(touch PWNED)}',
  'a[$(touch PWNED)]',
  '%(touch PWNED)',
  'a b',
  '*',
  '?',
  '[a-z]',
  '=ls',
  '#a',
  '!!',
  '!touch PWNED',
  '^a^b',
  'a\\b',
  'a\\',
  '$HOME',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not ours
  '${IFS}',
  '{a,b}',
  "it's",
  'say "a"',
  'a:b=c@d',
  'values:a b',
  'names:owner',
  'é ü',
];

/** Names that cannot stand on a line, or would be taken for something else there: never offered. */
export const UNUSABLE_NAMES: readonly string[] = [
  '--yes',
  '-q',
  '~',
  '~root',
  'a\ntouch PWNED',
  '\ntouch PWNED\n',
  'a\rtouch PWNED\r',
  'a\ttouch PWNED',
  'a\x1b[31mb',
  'a\x00b',
  'a\u202eb',
  '',
];

/** Gives the credentials of a store other names, past every check; there must be as many. */
export function renameCredentials(path: string, names: readonly string[]): void {
  const database = new Database(path, { fileMustExist: true });
  database.pragma('ignore_check_constraints = on');
  const ids = database.prepare<[], { id: string }>('select id from credential').all();
  const rename = database.prepare('update credential set name = ?, name_key = ? where id = ?');
  for (const [index, name] of names.entries()) rename.run(name, name.toLowerCase(), ids[index]?.id);
  database.pragma('wal_checkpoint(truncate)');
  database.close();
}

/** Makes copies of a store with one credential, and gives each credential one of the names; their files' names. */
export function storesNaming(
  source: string,
  names: readonly string[],
  pathOf: (file: string) => string,
): string[] {
  return names.map((name, index) => {
    const file = `store-${index}.db`;
    copyFileSync(source, pathOf(file));
    renameCredentials(pathOf(file), [name]);
    return file;
  });
}

/** Adds copies of the only credential of a store under other names. */
export function addCredentials(path: string, names: readonly string[]): void {
  const database = new Database(path, { fileMustExist: true });
  const row = database.prepare<[], Record<string, unknown>>('select * from credential').get() ?? {};
  const columns = Object.keys(row);
  const insert = database.prepare(
    `insert into credential (${columns.join(', ')}) values (${columns.map((column) => `@${column}`).join(', ')})`,
  );
  database.transaction(() => {
    for (const [index, name] of names.entries()) {
      const id = `${String(row['id']).slice(0, -12)}${String(index).padStart(12, '0')}`;
      insert.run({
        ...row,
        key: Number(row['key']) + index + 1,
        id,
        client_id: null,
        name,
        name_key: name.toLowerCase(),
      });
    }
  })();
  database.close();
}
