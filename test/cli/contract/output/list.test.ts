import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Session, sessionIn } from '../../../support/program/run.js';
import { createWorkspace, type Workspace } from '../../../support/program/workspace.js';
import { credentialDocument, listDocument } from './shapes.js';

let workspace: Workspace;
let session: Session;

const HEADER = 'NAME\tTYPE\tSTATUS\tSCOPES\tOWNER\tCREATED\tLAST_USED\tEXPIRES\n';

beforeAll(async () => {
  workspace = await createWorkspace();
  session = sessionIn(workspace);
  await session.ok('owner', 'create', 'crm', '--kind', 'service');
  const create = (name: string, ...flags: readonly string[]) => session.ok('create', name, '-q', ...flags);
  await create('delta', '--scope', 'data:users', '--expires-in', '30d', '--owner', 'crm');
  await create('Alpha', '--scope', 'data:*', '--expires-in', '1s', '--description', 'old EXPORT job');
  await create('charlie', '--scope', 'data:users', '--scope', 'events:messages', '--label', 'env=prod');
  await create('bravo/export', '--type', 'api-key', '--scope', 'data:users', '--expires-in', '2d');
  await create('echo', '--type', 'api-key', '--scope', 'data:users', '--rotate-every', '1s');
  await create('foxtrot', '--scope', 'data:users', '--rotate-every', '10d', '--label', 'env=prod');
  await session.ok('owner', 'create', 'former', '--kind', 'service');
  await create('golf', '--scope', 'data:users', '--owner', 'former', '--rotate-every', '1s');
  await session.ok('owner', 'deactivate', 'former');
  await session.ok('deactivate', 'charlie');
  await session.sh('sleep 1.1');
  await session.sh('credctl rotate foxtrot --now -q | credctl verify --record-use');
  await session.sh('credctl rotate bravo/export --now -q | credctl verify --record-use');
});
afterAll(() => workspace.remove());

async function names(...flags: readonly string[]): Promise<readonly string[]> {
  const { credentials } = await session.json(listDocument, 'list', ...flags);
  return credentials.map(({ name }) => name);
}

const ALL = ['Alpha', 'bravo/export', 'charlie', 'delta', 'echo', 'foxtrot', 'golf'];

describe('list shows', () => {
  it.each([
    ['all of them by name, whatever the case', [], ALL],
    ['those of a type', ['--type', 'api-key'], ['bravo/export', 'echo']],
    ['the active ones', ['--status', 'active'], ['bravo/export', 'delta', 'echo', 'foxtrot']],
    ['the inactive ones', ['--status', 'inactive'], ['charlie']],
    ['those of inactive owners', ['--status', 'owner-inactive'], ['golf']],
    ['those of inactive owners, as JSON spells it', ['--status', 'owner_inactive'], ['golf']],
    ['the expired ones', ['--status', 'expired'], ['Alpha']],
    ['those with exactly a scope', ['--scope', 'events:messages'], ['charlie']],
    ['those with all of an API', ['--scope', 'data:*'], ['Alpha']],
    ['those of an owner', ['--owner', 'CRM'], ['delta']],
    ['those with a label', ['--label', 'env=prod'], ['charlie', 'foxtrot']],
    ['those with a text in name or description', ['--search', 'Export'], ['Alpha', 'bravo/export']],
    ['nothing for a text that means something in SQL', ['--search', '%'], []],
    ['nothing for another one', ['--search', '_'], []],
    ['those whose rotation is due', ['--due'], ['echo']],
    [
      'those that would be due, were it not for their owner',
      ['--due', '--status', 'owner-inactive'],
      ['golf'],
    ],
    ['those whose rotation is due soon', ['--due', '--within', '11d'], ['echo', 'foxtrot']],
    ['none that have not been there for so long', ['--unused-for', '90d'], []],
    ['what fits all filters at once', ['--label', 'env=prod', '--status', 'active'], ['foxtrot']],
    [
      'by expiry, the nearest first',
      ['--sort', 'expires', '--limit', '3'],
      ['Alpha', 'bravo/export', 'delta'],
    ],
    [
      'the newest first',
      ['--sort', 'created'],
      ['golf', 'foxtrot', 'echo', 'bravo/export', 'charlie', 'Alpha', 'delta'],
    ],
    ['the last used first', ['--sort', 'last-used', '--limit', '2'], ['bravo/export', 'foxtrot']],
  ])('%s', async (_, flags, expected) => {
    expect(await names(...flags)).toEqual(expected);
  });

  it.each(['name', 'created', 'last-used', 'expires'])('every page of --sort %s once', async (sort) => {
    const seen: string[] = [];
    let next: readonly string[] = [];
    for (let page = 0; page < 4; page += 1) {
      const document = await session.json(listDocument, 'list', '--sort', sort, '--limit', '2', ...next);
      seen.push(...document.credentials.map(({ name }) => name));
      expect(document.next_cursor === null).toBe(page === 3);
      if (document.next_cursor === null) break;
      next = ['--cursor', document.next_cursor];
    }
    expect(seen).toEqual(await names('--sort', sort));
  });

  it('those that were not used for some time, or never', async () => {
    await session.sh('sleep 1.1');
    expect(await names('--unused-for', '1s')).toEqual(ALL);
  });

  it('rows that a program can split: tabs, a header, times in UTC, no empty cells', async () => {
    const stdout = await session.ok('list', '--sort', 'name');
    expect(stdout.startsWith(HEADER)).toBe(true);
    const rows = stdout.split('\n').slice(1, -1);
    expect(rows.map((row) => row.split('\t').length)).toEqual(rows.map(() => 8));
    const charlie = rows[2]?.split('\t') ?? [];
    expect(charlie.slice(0, 5)).toEqual(['charlie', 'oauth2', 'inactive', 'data:users,events:messages', '-']);
    expect(charlie[5]).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
    expect(charlie.slice(6)).toEqual(['-', '-']);
  });

  it('a status as JSON spells it', async () => {
    const rows = (await session.ok('list', '--search', 'golf')).split('\n');
    expect(rows[1]?.split('\t').slice(0, 3)).toEqual(['golf', 'oauth2', 'owner_inactive']);
    expect(await session.ok('show', 'golf')).toMatch(/^status: +owner_inactive$/m);
    const { credential } = await session.json(credentialDocument, 'show', 'golf');
    expect(credential).toMatchObject({ status: 'owner_inactive', owner_status: 'inactive' });
    expect(await session.ok('edit', 'golf', '--description', 'x', '--json')).toContain('"owner_inactive"');
  });

  it('just the header where nothing fits', async () => {
    expect(await session.ok('list', '--search', 'nothing-like-it')).toBe(HEADER);
  });

  it('who holds a scope of an API, and who may do something', async () => {
    expect(await names('--api', 'events')).toEqual(['charlie']);
    expect(await names('--api', 'credctl')).toEqual([]);
    expect(await names('--scope', 'data:conversations')).toEqual([]);
    expect(await names('--can', 'data:conversations')).toEqual(['Alpha']);
    expect(await names('--can', 'data:users', '--type', 'oauth2')).toEqual([
      ...['Alpha', 'charlie', 'delta', 'foxtrot', 'golf'],
    ]);
    expect(await names('--can', 'data:users', '--status', 'inactive', '--api', 'events')).toEqual([
      'charlie',
    ]);
  });

  it('where the next page begins, on stderr', async () => {
    const { stdout, stderr } = await session.run(['list', '--limit', '5']);
    const [, cursor = ''] = /^more: .*--cursor (\S+)\n$/.exec(stderr) ?? [];
    expect(await session.ok('list', '--limit', '5', '--cursor', cursor)).toContain('foxtrot');
    expect(stdout.split('\n')).toHaveLength(7);
  });
});

describe('list refuses', () => {
  it.each([
    [['--limit', '0']],
    [['--limit', '1001']],
    [['--limit', '-1']],
    [['--limit', '1.5']],
    [['--limit', 'ten']],
    [['--cursor', 'nonsense']],
    [['--cursor', '']],
    [['--type', 'oauth']],
    [['--status', 'gone']],
    [['--sort', 'size']],
    [['--scope', 'nonsense']],
    [['--can', 'nonsense']],
    [['--label', 'nonsense']],
    [['--within', '1d']],
    [['--unused-for', 'long']],
  ])('%j as a mistake', async (flags) => {
    await session.refused(2, ['list', ...flags]);
  });

  it('an API and a scope that the catalog does not have, with those that it has', async () => {
    expect(await session.refused(2, ['list', '--api', 'dta'])).toMatchObject({
      message: 'unknown API "dta"',
      hint: 'did you mean data? valid: data, events, credctl',
    });
    expect(await session.refused(2, ['list', '--can', 'data:user'])).toMatchObject({
      message: 'the API data has no permission "user"',
      hint: expect.stringMatching(/^did you mean data:users\? valid: data:conversations, /),
    });
  });

  it('an owner that does not exist', async () => {
    await session.refused(3, ['list', '--owner', 'nobody']);
  });

  it('a cursor of another order', async () => {
    const { next_cursor } = await session.json(listDocument, 'list', '--limit', '1');
    await session.refused(2, ['list', '--sort', 'created', '--cursor', next_cursor ?? '']);
  });
});

describe('audit shows', () => {
  it('pages, targets, actions and times as list does', async () => {
    const all = (await session.ok('audit')).trimEnd().split('\n');
    expect(all[0]).toBe('SEQ\tAT\tACTOR\tACTION\tTARGET\tREASON\tCHANGE');
    const { stderr } = await session.run(['audit', '--limit', '3']);
    const [, cursor = ''] = /--cursor (\S+)\n$/.exec(stderr) ?? [];
    expect((await session.ok('audit', '--cursor', cursor)).trimEnd().split('\n')).toEqual([
      all[0],
      ...all.slice(4),
    ]);
    const deactivations = await session.ok(
      'audit',
      '--action',
      'credential.deactivate',
      '--target',
      'CHARLIE',
    );
    expect(deactivations.trimEnd().split('\n')).toHaveLength(2);
    expect(await session.ok('audit', '--since', '1h')).toBe(await session.ok('audit'));
    expect(await session.ok('audit', '--since', '2090-01-01T00:00:00Z')).toBe(`${all[0]}\n`);
    await session.refused(2, ['audit', '--since', 'yesterday']);
    await session.refused(2, ['audit', '--cursor', '-1']);
    await session.refused(2, ['audit', '--limit', '1001']);
  });
});
