import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Session, sessionIn } from '../../../support/program/run.js';
import { createWorkspace, type Workspace } from '../../../support/program/workspace.js';
import { listDocument } from '../output/shapes.js';

let workspace: Workspace;
let session: Session;

const CSV_HEADER = 'NAME,TYPE,STATUS,SCOPES,OWNER,CREATED,LAST_USED,EXPIRES\r\n';

beforeAll(async () => {
  workspace = await createWorkspace();
  session = sessionIn(workspace);
  await session.ok('owner', 'create', 'billing', '--kind', 'service');
  const create = (name: string, ...flags: readonly string[]) =>
    session.ok('create', name, '--scope', 'data:users', '-q', ...flags);
  await create('lasting');
  await create('in-a-year', '--expires-in', '365d');
  await create('in-40-days', '--expires-in', '40d');
  await create('in-10-days', '--expires-in', '10d', '--rotate-every', '5d');
  await create('tomorrow', '--expires-in', '1d', '--type', 'api-key', '--scope', 'events:messages');
  await create('over', '--expires-in', '1s');
  await session.ok('deactivate', 'tomorrow');
  await session.sh('sleep 1.1');
});
afterAll(() => workspace.remove());

async function names(...flags: readonly string[]): Promise<readonly string[]> {
  const { credentials } = await session.json(listDocument, 'list', ...flags);
  return credentials.map(({ name }) => name);
}

describe('list --expiring shows', () => {
  it.each([
    ['what ends within 30 days, and what ended, the first end first', [], ['over', 'tomorrow', 'in-10-days']],
    ['what ends within a time', ['--within', '2d'], ['over', 'tomorrow']],
    ['what has ended, within no time', ['--within', '0'], ['over']],
    ['more within more', ['--within', '60d'], ['over', 'tomorrow', 'in-10-days', 'in-40-days']],
    ['the order of the ends by name', ['--sort', 'expires'], ['over', 'tomorrow', 'in-10-days']],
    ['what other filters leave', ['--status', 'inactive'], ['tomorrow']],
    ['what is due as well, within the same time', ['--due', '--within', '10d'], ['in-10-days']],
  ])('%s', async (_, flags, expected) => {
    expect(await names('--expiring', ...flags)).toEqual(expected);
  });

  it('a page at a time', async () => {
    const first = await session.json(listDocument, 'list', '--expiring', '--limit', '2');
    const rest = await names('--expiring', '--limit', '2', '--cursor', first.next_cursor ?? '');
    expect([...first.credentials.map(({ name }) => name), ...rest]).toEqual(await names('--expiring'));
  });

  it('no other order, and --within nothing by itself', async () => {
    const { hint } = await session.refused(2, ['list', '--expiring', '--sort', 'name']);
    expect(hint).toBe('leave out --sort name');
    const { message } = await session.refused(2, ['list', '--within', '1d']);
    expect(message).toBe('--within works only with --due or --expiring');
  });
});

describe('--format', () => {
  it('csv is RFC 4180 for a spreadsheet, with quotes where a field needs them', async () => {
    const csv = await session.ok('list', '--format', 'csv', '--search', 'tomorrow');
    expect(csv.startsWith(CSV_HEADER)).toBe(true);
    const [row = '', ...rest] = csv.slice(CSV_HEADER.length).split('\r\n');
    expect(rest).toEqual(['']);
    expect(row).toMatch(/^tomorrow,api-key,inactive,"data:users,events:messages",,2\S+Z,,2\S+Z$/);
    expect(csv.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it('csv lets no formula begin a cell, and no text break its quotes', async () => {
    for (const reason of ['=1+1', '+1', '-1', '@SUM(A1)', 'said "no", twice']) {
      await session.ok('edit', 'lasting', '--description', reason, '--reason', reason);
    }
    const csv = await session.ok('audit', '--target', 'lasting', '--format', 'csv', '--limit', '5');
    expect(csv).toContain(`,"said ""no"", twice",`);
    for (const reason of ["'=1+1", "'+1", "'-1", "'@SUM(A1)"]) expect(csv).toContain(`,${reason},`);
    expect(csv).not.toMatch(/(?:^|,)"?[=+@-]/m);
  });

  it('table is aligned in a pipe too, and never cut', async () => {
    const name = 'long/'.repeat(20).slice(0, -1);
    await session.ok('create', name, '--scope', 'data:users', '--expires-in', '1d', '-q');
    const [header = '', row = ''] = (await session.ok('list', '--format', 'table', '--search', 'long')).split(
      '\n',
    );
    expect(header).toMatch(/^NAME +TYPE +STATUS +SCOPES +OWNER +CREATED +LAST USED +EXPIRES$/);
    expect(row).toContain(name);
    expect(row.indexOf('oauth2')).toBe(header.indexOf('TYPE'));
    expect(row).not.toContain('\t');
    await session.ok('delete', name, '--yes');
  });

  it('tsv is what a pipe gets', async () => {
    for (const command of [['list'], ['owner', 'list'], ['audit']]) {
      expect(await session.ok(...command, '--format', 'tsv')).toBe(await session.ok(...command));
    }
    expect(await session.ok('owner', 'list', '--format', 'csv')).toMatch(
      /^NAME,KIND,STATUS,CREDENTIALS,CREATED\r\nbilling,service,active,0,\S+Z\r\n$/,
    );
  });

  it('takes neither json nor --json beside it', async () => {
    for (const command of [['list'], ['owner', 'list'], ['audit', 'list'], ['audit']]) {
      expect((await session.refused(2, [...command, '--format', 'json'])).hint).toBe("use '--json'");
      const { exitCode, stdout } = await session.run([...command, '--format', 'csv', '--json']);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    }
  });
});

describe('a filter without a match', () => {
  it.each([
    [['--search', 'zzz']],
    [['--owner', 'billing']],
    [['--unused-for', '90d']],
    [['--label', 'env=prod']],
    [['--expiring', '--status', 'active', '--within', '0']],
  ])('%j is said not to match, in a pipe as well, beside what there is', async (flags) => {
    const { exitCode, stdout, stderr } = await session.run(['list', ...flags]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'no credential matches (6 in the store)\n' });
    expect(stdout.split('\n')).toHaveLength(2);
    expect((await session.run(['list', '-q', ...flags])).stderr).toBe('');
    expect((await session.run(['list', '--json', ...flags])).stderr).toBe('');
  });

  it('of events, too', async () => {
    const [newest = ''] = (await session.ok('audit', '--limit', '1')).split('\n').slice(1);
    const { exitCode, stderr } = await session.run(['audit', '--target', 'nobody']);
    const total = newest.split('\t')[0];
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: `no event matches (${total} in the trail)\n`,
    });
    const { stderr: after } = await session.run(['audit', '--cursor', '1']);
    expect(after).toBe('no events after this cursor\n');
  });

  it('is an empty store where that is all there is', async () => {
    const other = ['--store', `${workspace.dataHome}/empty.db`];
    await session.ok('store', 'init', ...other);
    const { stderr } = await session.run(['list', '--search', 'zzz', '--format', 'table', ...other]);
    expect(stderr).toBe("no credentials; create one with 'credctl create'\n");
    expect((await session.run(['list', '--search', 'zzz', ...other])).stderr).toBe('');
  });

  it('by an owner that does not exist names the nearest', async () => {
    const { message, hint } = await session.refused(3, ['list', '--owner', 'biling']);
    expect(message).toBe('no owner "biling"');
    expect(hint).toContain('did you mean "billing"?');
  });
});

describe('what selects is given once', () => {
  it.each([
    ['list', '--scope', 'data:users', '--scope', 'data:conversations'],
    ['list', '--label', 'team=x', '--label', 'env=prod'],
    ['list', '--status', 'active', '--status', 'inactive'],
    ['audit', '--target', 'a', '--target', 'b'],
    ['deactivate', '--unused-for', '90d', '--unused-for', '1s', '--dry-run'],
  ])('%s %s', async (...argv) => {
    const { message } = await session.refused(2, argv);
    expect(message).toBe(`${argv.find((word) => word.startsWith('--'))} is given twice`);
  });
});
