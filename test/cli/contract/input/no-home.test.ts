import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { AS_NAMELESS, HOMELESS, openNamelessSession } from '../../../support/dependencies/nameless.js';
import { PROJECT } from '../../../support/program/real-program.js';
import { parseErrorText, type Session } from '../../../support/program/run.js';

/** Runs a command under an account without a name and without a home. */
function runNameless(session: Session, command: string, env: Readonly<Record<string, string>> = {}) {
  return session.sh(`exec ${AS_NAMELESS.join(' ')} ${command}`, { env: { ...HOMELESS, ...env } });
}

/** Commands that need a store, and what each of them does with one that has a key x. */
const COMMANDS: readonly (readonly [command: string, exitCode: number])[] = [
  ['store init --hash sha256', 0],
  ['create x --type api-key --scope data:users --output x.key', 0],
  ['list', 0],
  ['show x', 0],
  ['edit x --label a=1', 0],
  ['rotate x --output y.key', 0],
  ['rotate --due -- true', 0],
  ['verify < y.key', 0],
  ['run x -- true', 3],
  ['deactivate x', 0],
  ['owner list', 0],
  ['audit', 0],
  ['keychain list', 6],
  ['catalog show', 0],
  ['store info', 0],
  ['store check', 0],
  ['store set --hash sha256', 0],
  ['store backup b.db', 0],
  ['store migrate', 0],
  ['store restore b.db --force --yes', 0],
  ['store copy --to c.db', 0],
];

describe('an account without a name and without a home directory', () => {
  it('works with a store that is named', async () => {
    const session = await openNamelessSession();
    const env = { CREDCTL_STORE: session.workspace.path('team.db') };
    for (const [command, expected] of COMMANDS) {
      const { exitCode, stderr } = await runNameless(session, `credctl ${command}`, env);
      expect(exitCode, `${command}: ${stderr}`).toBe(expected);
    }
    const { stdout } = await runNameless(session, 'credctl audit --store team.db');
    expect(stdout).toMatch(/\t12345@\S+\tcredential\.create\t/);
  });

  it('has no default store, which is exit 8 in every command, with what to do', async () => {
    const session = await openNamelessSession();
    for (const command of [...COMMANDS.map(([command]) => command), 'serve --port 0']) {
      if (command.includes('y.key') || command.includes('--to')) continue;
      const { exitCode, stderr } = await runNameless(session, `credctl ${command}`);
      expect(exitCode, `${command}: ${stderr}`).toBe(8);
      const { message, hint } = parseErrorText(stderr);
      expect(message).toBe('the home directory is not known');
      expect(hint).toMatch(/HOME.*--store/);
    }
  });

  it('needs no store for what needs none', async () => {
    const session = await openNamelessSession();
    for (const command of [
      '--help',
      '--version',
      'completion bash',
      'catalog presets',
      '__complete -- show x',
    ]) {
      const { exitCode, stderr } = await runNameless(session, `credctl ${command}`);
      expect(exitCode, stderr).toBe(0);
    }
  });

  it('has the home directory that HOME names, if that is an absolute path', async () => {
    const session = await openNamelessSession();
    const create = 'credctl create x --type api-key --scope data:users --output x.key';
    for (const HOME of ['', '.', 'work']) {
      expect((await runNameless(session, create, { HOME })).exitCode, HOME).toBe(8);
    }
    const { exitCode, stderr } = await runNameless(session, create, { HOME: session.workspace.root });
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain(join(session.workspace.root, '.local/share/credctl/credctl.db'));
  });

  it('names the user of a database in its URL or in PGUSER', async () => {
    const session = await openNamelessSession();
    const list = 'credctl list --store postgres://127.0.0.1:1/team';
    for (const env of [{}, { HOME: session.workspace.root }]) {
      const { exitCode, stderr } = await runNameless(session, list, env);
      expect(exitCode, stderr).toBe(2);
      expect(parseErrorText(stderr).hint).toMatch(/give the user in the URL/);
    }
    expect((await runNameless(session, list, { PGUSER: 'o' })).stderr).toContain(
      'postgres://o@127.0.0.1:1/team',
    );
    const named = await runNameless(session, 'credctl list --store postgres://o@127.0.0.1:1/team');
    expect(named.exitCode).toBe(8);
  });

  it('can use the library', async () => {
    const session = await openNamelessSession();
    const library = pathToFileURL(join(PROJECT, 'dist', 'library.mjs')).href;
    await session.workspace.write(
      'program.mjs',
      `import { createVerifier, openStore } from '${library}';
      const store = await openStore('./team.db', { create: { hash: { scheme: 'sha256' } } });
      const verifier = createVerifier('./team.db');
      console.log((await verifier.verify('x')).reason);
      await Promise.all([verifier.close(), store.close()]);
      const database = createVerifier('postgres://127.0.0.1:1/team');
      console.log(await database.verify('x').catch(({ name, code, hint }) => name + ' ' + code + ': ' + hint));`,
    );
    const { stdout, stderr } = await runNameless(session, `'${process.execPath}' program.mjs`);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^malformed\nCredctlError usage: give the user in the URL.*\n$/);
  });
});
