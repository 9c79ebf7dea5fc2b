import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SCHEMA_NUMBER } from '../../../src/storage/schema/number.js';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { mustSucceed } from '../../support/faults/interrupted-delivery.js';
import { credctl, runIn } from '../../support/program/real-program.js';
import type { Workplace } from '../../support/program/workplace.js';
import { backupsIn, NEXT } from '../../support/stores/next-version.js';
import { useOlderStore } from './older-store.js';

const older = useOlderStore();

const later = (of: Workplace, argv: readonly string[]) => older.next.run(of, argv);
const wholeAs = (of: Workplace) => older.next.wholeAs(of);

describe('a store in a file that an older version has made', () => {
  it('is left untouched by whoever asks what a migration would do, and at a Tab', async () => {
    const before = readFileSync(older.place.store);
    const dry = await later(older.place, ['store', 'migrate', '--dry-run']);
    expect(dry.stderr).toBe(`the store would be migrated from schema ${SCHEMA_NUMBER} to ${NEXT}\n`);
    const tab = `printf '%s\\0' 'credctl owner show ' '' | "${process.execPath}" "${older.next.program}" __complete bash`;
    expect(await runIn(older.place, ['sh', '-c', tab])).toMatchObject({ exitCode: 0, stdout: '' });
    expect(readFileSync(older.place.store).equals(before)).toBe(true);
    expect(backupsIn(older.place)).toEqual([]);
    mustSucceed(await later(older.place, ['list']));
    expect((await runIn(older.place, ['sh', '-c', tab])).stdout).toContain('team');
  });

  it.each([
    [['list']],
    [['owner', 'list']],
    [['audit', 'verify']],
    [['store', 'info']],
    [['store', 'check']],
    [['store', 'backup', 'OUT']],
    [['owner', 'create', 'crm', '--kind', 'service']],
  ])('is migrated by the first command that opens it: %s', async (argv) => {
    const args = argv.map((arg) => (arg === 'OUT' ? older.place.output('backup.db') : arg));
    const ended = mustSucceed(await later(older.place, args));
    const [backup = '', ...others] = backupsIn(older.place);
    expect(others).toEqual([]);
    expect(ended.stderr).toContain(
      `migrated the store from schema ${SCHEMA_NUMBER} to ${NEXT}\nthe store before the migration is kept as ${join(older.place.storeDirectory, backup)}\n`,
    );
    expect(await wholeAs(older.place)).toBe(NEXT);
  });

  it('is migrated by a restore over it', async () => {
    const backup = older.place.output('old.db');
    mustSucceed(await credctl(older.place, ['store', 'backup', backup]));
    const ended = mustSucceed(await later(older.place, ['store', 'restore', backup, '--force', '--yes']));
    expect(ended.stderr).toContain(`migrated the store from schema ${SCHEMA_NUMBER} to ${NEXT}\n`);
    expect(await wholeAs(older.place)).toBe(NEXT);
  });

  it.each(['--json', '--quiet'])('is migrated without a word with %s', async (flag) => {
    expect(mustSucceed(await later(older.place, ['list', flag])).stderr).toBe('');
    expect(await wholeAs(older.place)).toBe(NEXT);
  });

  it('is migrated once, however many open it at the same time', async () => {
    const commands = [
      ...times(3).map(() => ['list']),
      ...times(3).map((n) => ['owner', 'create', `o${n}`, '--kind', 'service']),
    ];
    const ended = await concurrently(commands, (argv) => later(older.place, argv));
    for (const each of ended) mustSucceed(each);
    expect(ended.filter(({ stderr }) => stderr.includes('migrated the store'))).toHaveLength(1);
    expect(backupsIn(older.place)).toHaveLength(1);
    expect(await wholeAs(older.place)).toBe(NEXT);
  });
});
