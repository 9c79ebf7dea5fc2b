import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessionIn } from '../../support/program/run.js';
import { createWorkspace, type Workspace } from '../../support/program/workspace.js';
import { runCaptured } from '../captured-host.js';

let workspace: Workspace;

beforeAll(async () => {
  workspace = await createWorkspace();
  const session = sessionIn(workspace);
  await session.issue('alpha');
  await session.issue('team/beta');
  await session.ok('owner', 'create', 'crm', '--kind', 'service');
  await session.ok('create', 'elsewhere', '--store', 'other.db', '--scope', 'data:*', '--output', 'secret');
  await session.ok('create', 'bait', '--store', 'leaky.db', '--canary', '--output', 'bait');
  await session.sh('credctl verify --record-use --store leaky.db < bait');
});
afterAll(() => workspace.remove());

/** What `__complete` prints, without what candidates mean. */
async function answer(args: readonly string[], stdin = ''): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await runCaptured(workspace, ['__complete', ...args], stdin);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout.split('\n').map((line) => line.replace(/\t.*/, ''));
}

/** The words at the end of a line that ends with its last word. */
async function words(line: string): Promise<readonly string[]> {
  return (await answer(['--', ...line.split(' ')])).slice(0, -1);
}

/** Words, and what may follow: every list is complete. */
const ANSWERS: readonly (readonly [line: string, candidates: readonly string[], kind: string])[] = [
  ['ro', ['rotate'], 'command'],
  ['a', ['activate', 'audit'], 'command'],
  ['help ro', ['rotate'], 'command'],
  ['nonsense ', [], 'none'],
  ['owner ', ['create', 'list', 'show', 'edit', 'activate', 'deactivate', 'delete'], 'command'],
  ['--json owner sh', ['show'], 'command'],
  ['--store x owner sh', ['show'], 'command'],
  ['--store=x owner sh', ['show'], 'command'],
  ['owner nonsense ', [], 'none'],
  ['list --so', ['--sort'], 'option'],
  ['audit --ta', ['--target'], 'option'],
  ['owner create --ki', ['--kind'], 'option'],
  ['owner --js', ['--json'], 'option'],
  ['--ver', ['--version'], 'option'],
  ['list --ver', [], 'option'],
  ['list --sort ', ['name', 'created', 'last-used', 'expires'], 'value'],
  ['list --format ', ['table', 'tsv', 'csv'], 'value'],
  ['audit --format c', ['csv'], 'value'],
  ['owner list --format ta', ['table'], 'value'],
  ['list --sort=na', ['--sort=name'], 'value'],
  ['create x --type ', ['oauth2', 'api-key'], 'value'],
  ['owner create x --kind ', ['service', 'user'], 'value'],
  ['--json list --status in', ['inactive'], 'value'],
  ['list --status ', ['active', 'inactive', 'owner-inactive', 'expired', 'canary'], 'value'],
  ['store set --hash ', ['bcrypt', 'sha256'], 'value'],
  ['store init --catalog m', ['moveworks', 'mparticle'], 'value'],
  ['catalog use m', ['moveworks', 'mparticle'], 'value'],
  ['completion ', ['bash', 'zsh', 'fish'], 'value'],
  ['store grant ', ['admin', 'auditor', 'verifier', 'responder'], 'value'],
  ['store grant admin --to ', [], 'none'],
  ['serve --public-url ', [], 'none'],
  ['list --search ', [], 'none'],
  ['list --json=', [], 'none'],
  ['list --nonsense=', [], 'none'],
  ['show ', ['alpha', 'team/beta'], 'credential'],
  ['show AL', [], 'credential'],
  ['show -q al', ['alpha'], 'credential'],
  ['rotate --grace 7d a', ['alpha'], 'credential'],
  ['delete alpha t', ['team/beta'], 'credential'],
  ['run al', ['alpha'], 'credential'],
  ['keychain get t', ['team/beta'], 'credential'],
  ['create ', [], 'none'],
  ['owner create ', [], 'none'],
  ['owner edit ', ['crm'], 'owner'],
  ['list --owner ', ['crm'], 'owner'],
  ['list --owner=c', ['--owner=crm'], 'owner'],
  ['audit --target ', ['alpha', 'team/beta', 'crm'], 'target'],
  ['edit alpha --add-scope data:us', ['data:users'], 'scope'],
  ['list --can data:us', ['data:users'], 'scope'],
  ['list --api d', ['data'], 'api'],
  ['list --api=', ['--api=data', '--api=events', '--api=credctl'], 'api'],
  ['create x --scope=events:me', ['--scope=events:messages'], 'scope'],
  ['edit alpha --add-scope credctl:in', ['credctl:introspect'], 'scope'],
  ['--store nowhere.db show ', [], ''],
  ['--store other.db show ', ['elsewhere'], 'credential'],
  ['leaks close --store leaky.db ', ['1'], 'leak'],
  ['leaks ', ['list', 'close'], 'command'],
  ['show --store=other.db ', ['elsewhere'], 'credential'],
  ['show --store other.db --store=none.db ', [], ''],
  ['create x --output ', [], 'files'],
  ['catalog apply -f ', [], 'files'],
  ['list --store ', [], 'files'],
  ['serve --socket ', [], 'files'],
  ['store copy --to ', [], 'files'],
  ['store backup ', [], 'files'],
  ['rotate --due --output-dir ', [], 'directories'],
  ['create x -- ', [], 'files'],
  ['show -- al', [], 'files'],
  ['run alpha -- rota', [], 'files'],
];

describe('__complete', () => {
  it.each(ANSWERS)('answers %j', async (line, candidates, kind) => {
    const expected = kind === '' ? [] : [...candidates, `:${kind}`];
    expect(await words(line)).toEqual(expected);
  });

  it('says what a command or a flag means', async () => {
    const { stdout } = await runCaptured(workspace, ['__complete', '--', 'rot'], '');
    expect(stdout).toBe('rotate\tgive a credential a new secret, without locking anyone out\n:command\n');
  });

  it('offers the flags of a command that takes no more arguments', async () => {
    for (const line of ['list ', 'show alpha ', 'list --nonsense ']) {
      expect(await words(line)).toEqual(expect.arrayContaining(['--store', '--help', '--json', ':option']));
    }
  });

  it('is harmless where it is called without a line', async () => {
    for (const args of [[], ['--help'], ['tcsh'], ['show', 'x']]) expect(await answer(args)).toEqual(['']);
    expect((await answer(['--'])).at(-2)).toBe(':command');
    expect((await answer(['bash'])).at(-2)).toBe(':command');
  });
});

describe('__complete with a shell', () => {
  const line = (shell: string, text: string) => answer([shell], text);

  it('takes the line as it was typed, and nothing in it is expanded', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      expect(await line(shell, 'credctl show --store "other.db" ')).toEqual(['elsewhere', ':credential', '']);
      expect(await line(shell, 'credctl show --store $HOME/other.db ')).toEqual([':credential', '']);
      expect(await line(shell, 'credctl show --store=`echo other.db` ')).toEqual([':credential', '']);
      expect(await line(shell, 'credctl show $(touch x')).toEqual([':credential', '']);
      expect(await line(shell, 'A=1 credctl show "al\0al')).toEqual(['alpha', ':credential', '']);
      expect(await line(shell, 'credctl list > ')).toEqual([':files', '']);
    }
  });

  it('leaves out the newline that fish adds', async () => {
    expect(await line('fish', 'credctl owner edit c\n')).toEqual(['crm', ':owner', '']);
  });

  it('tells bash what to write in place of what it will replace', async () => {
    expect(await line('bash', 'credctl create x --scope data:us\0us')).toEqual(['users', ':scope', '']);
    expect(await line('bash', 'credctl list --sort=na\0na')).toEqual(['name', ':value', '']);
  });
});
