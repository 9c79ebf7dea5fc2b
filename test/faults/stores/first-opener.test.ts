import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { mustSucceed, type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { credctl, runIn } from '../../support/program/real-program.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';
import { backupsIn, type NextVersion, nextVersion } from '../../support/stores/next-version.js';

let next: NextVersion;
let settled: Settled;
let place: Workplace;

beforeAll(async () => {
  next = await nextVersion();
  settled = await settle(MEMORY);
  mustSucceed(await credctl(settled.place, ['owner', 'create', 'team', '--kind', 'service']));
});

afterAll(() => {
  next.remove();
  settled.place.remove();
});

beforeEach(() => {
  place = settled.place.copy();
  return () => place.remove();
});

const later = (of: Workplace, argv: readonly string[]) => next.run(of, argv);
const wholeAs = (of: Workplace) => next.wholeAs(of);

describe('a store in a file that an older version has made', () => {
  it('is left untouched by whoever asks what a migration would do, and at a Tab', async () => {
    const before = readFileSync(place.store);
    const dry = await later(place, ['store', 'migrate', '--dry-run']);
    expect(dry.stderr).toBe('the store would be migrated from schema 4 to 5\n');
    const tab = `printf '%s\\0' 'credctl owner show ' '' | "${process.execPath}" "${next.program}" __complete bash`;
    expect(await runIn(place, ['sh', '-c', tab])).toMatchObject({ exitCode: 0, stdout: '' });
    expect(readFileSync(place.store).equals(before)).toBe(true);
    expect(backupsIn(place)).toEqual([]);
    mustSucceed(await later(place, ['list']));
    expect((await runIn(place, ['sh', '-c', tab])).stdout).toContain('team');
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
    const args = argv.map((arg) => (arg === 'OUT' ? place.output('backup.db') : arg));
    const ended = mustSucceed(await later(place, args));
    const [backup = '', ...others] = backupsIn(place);
    expect(others).toEqual([]);
    expect(ended.stderr).toContain(
      `migrated the store from schema 4 to 5\nthe store as it was is kept as ${join(place.storeDirectory, backup)}\n`,
    );
    expect(await wholeAs(place)).toBe(5);
  });

  it('is migrated by a restore over it', async () => {
    const backup = place.output('old.db');
    mustSucceed(await credctl(place, ['store', 'backup', backup]));
    const ended = mustSucceed(await later(place, ['store', 'restore', backup, '--force', '--yes']));
    expect(ended.stderr).toContain('migrated the store from schema 4 to 5\n');
    expect(await wholeAs(place)).toBe(5);
  });

  it.each(['--json', '--quiet'])('is migrated without a word with %s', async (flag) => {
    expect(mustSucceed(await later(place, ['list', flag])).stderr).toBe('');
    expect(await wholeAs(place)).toBe(5);
  });

  it('is migrated once, however many open it at the same time', async () => {
    const commands = [
      ...times(3).map(() => ['list']),
      ...times(3).map((n) => ['owner', 'create', `o${n}`, '--kind', 'service']),
    ];
    const ended = await concurrently(commands, (argv) => later(place, argv));
    for (const each of ended) mustSucceed(each);
    expect(ended.filter(({ stderr }) => stderr.includes('migrated the store'))).toHaveLength(1);
    expect(backupsIn(place)).toHaveLength(1);
    expect(await wholeAs(place)).toBe(5);
  });
});
