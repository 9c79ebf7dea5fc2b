import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Session, sessionIn } from '../../support/program/run.js';
import { createWorkspace, type Workspace } from '../../support/program/workspace.js';
import { type InteractiveShell, openShell, shellsHere } from './interactive-shell.js';

let workspace: Workspace;
let session: Session;

beforeAll(async () => {
  workspace = await createWorkspace();
  session = sessionIn(workspace);
  for (const name of ['alpha', 'team/beta']) {
    await session.ok(
      'create',
      name,
      '--type',
      'api-key',
      '--scope',
      'data:users',
      '--no-print',
      '--output',
      'key',
      '--force',
    );
  }
  await session.ok('owner', 'create', 'crm', '--kind', 'service');
  await session.ok(
    'create',
    'elsewhere',
    '--store',
    './other store.db',
    '--scope',
    'data:*',
    '--output',
    'elsewhere.txt',
  );
  await session.sh('mkdir -p ../home/x && cp "other store.db" ../other.db');
});
afterAll(() => workspace.remove());

/**
 * What Tab offers; every list is complete. Which words there are for a line is the program's to say, and tested without
 * a shell; here it is what a shell takes for the line's words, and what it does with the answer.
 */
const OFFERS: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ['credctl ro', ['rotate']],
  ['credctl nonsense ', []],
  ['credctl --json owner sh', ['show']],
  ['credctl list --so', ['--sort']],
  ['credctl list --sort ', ['created', 'expires', 'last-used', 'name']],
  ['credctl list --sort=na', ['--sort=name']],
  ['credctl list --json=', []],
  ['credctl show ', ['alpha', 'team/beta']],
  ['credctl show t', ['team/beta']],
  ['LANG=C credctl show t', ['team/beta']],
  ['credctl list --owner=c', ['--owner=crm']],
  ['credctl create x --scope data:us', ['data:users']],
  ['credctl create x --scope=events:me', ['--scope=events:messages']],
  ['credctl show --store ../other.db ', ['elsewhere']],
  ['credctl show --store=../other.db ', ['elsewhere']],
  ["credctl show --store './other store.db' ", ['elsewhere']],
  ['credctl show --store ./other\\ store.db ', ['elsewhere']],
  ['credctl show --store ~/other.db ', ['elsewhere']],
  ['credctl show --store $HOME/other.db ', []],
];

describe.each(await shellsHere())('%s', (shell) => {
  let opened: InteractiveShell;

  const open = () => openShell(shell, session);

  it('finds no fault in the script', async () => {
    await workspace.write('checked', await session.ok('completion', shell));
    const { exitCode, stderr } = await session.sh(`${shell} -n checked`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('offers commands, flags, values and names', async () => {
    opened = await open();
    const offers: (readonly [string, readonly string[]])[] = [];
    for (const [line] of OFFERS) offers.push([line, await opened.candidates(line)]);
    expect(offers).toEqual(OFFERS.map(([line, offered]) => [line, offered.toSorted()]));
  });

  it('offers flags where a command takes no more arguments', async () => {
    opened = await open();
    expect(await opened.candidates('credctl list ')).toEqual(
      expect.arrayContaining(['--limit', '--help', '--json']),
    );
    expect(await opened.candidates('credctl show alpha ')).toEqual(
      expect.arrayContaining(['--help', '--json']),
    );
  });

  it('enters scopes and names as they are meant, within quotes as well', async () => {
    opened = await open();
    const entered = (line: string) => opened.entered(line);
    expect(await entered('credctl create x --scope data:us')).toEqual([
      'create',
      'x',
      '--scope',
      'data:users',
    ]);
    expect(await entered('credctl create x --scope "data:us')).toEqual([
      'create',
      'x',
      '--scope',
      'data:users',
    ]);
    expect(await entered("credctl create x --scope 'data:us")).toEqual([
      'create',
      'x',
      '--scope',
      'data:users',
    ]);
    expect(await entered('credctl create x --scope=data:us')).toEqual(['create', 'x', '--scope=data:users']);
    expect(await entered('credctl show team/')).toEqual(['show', 'team/beta']);
    expect(await entered('credctl list --sort=na')).toEqual(['list', '--sort=name']);
  });

  it('completes paths where a file is meant, and after --', async () => {
    await workspace.write('out put.txt', '');
    await session.sh("mkdir -p 'some where'");
    opened = await open();
    const [, , , directory] = await opened.entered('credctl rotate --due --output-dir so');
    expect(directory).toMatch(/^some where\/?$/);
    expect(await opened.entered('credctl create x --output out')).toEqual([
      'create',
      'x',
      '--output',
      'out put.txt',
    ]);
    expect(await opened.entered('credctl catalog apply -f out')).toEqual([
      'catalog',
      'apply',
      '-f',
      'out put.txt',
    ]);
    expect(await opened.entered('credctl create x -- cat out')).toEqual([
      'create',
      'x',
      '--',
      'cat',
      'out put.txt',
    ]);
  });

  it('offers nothing of ours after --', async () => {
    opened = await open();
    for (const line of ['credctl create x -- --', 'credctl show -- alph', 'credctl run alpha -- rota']) {
      expect(await opened.candidates(line)).toEqual([]);
    }
  });
});

describe('bash with settings of its own', () => {
  it.each([['set -u -o posix'], ['set -f; shopt -s nocaseglob extglob'], ['shopt -s failglob'], ['IFS=a:']])(
    'completes as ever: %s',
    async (settings) => {
      const opened = await openShell('bash', session, settings);
      expect(await opened.candidates('credctl show ')).toEqual(['alpha', 'team/beta']);
      expect(await opened.candidates('credctl list --sort ')).toEqual([
        'created',
        'expires',
        'last-used',
        'name',
      ]);
      expect(await opened.candidates('credctl nonsense ')).toEqual([]);
      expect(await opened.candidates('credctl list ')).toContain('--limit');
    },
  );
});
