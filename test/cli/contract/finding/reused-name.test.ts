import { describe, expect, it } from 'vitest';
import { POSTGRES_18 } from '../../../support/postgres/stores.js';
import { openTeamSession } from '../../../support/postgres/verifier-login.js';
import { openSession } from '../../../support/program/run.js';

describe.each([
  ['SQLite', openSession],
  [POSTGRES_18.label, () => openTeamSession(POSTGRES_18)],
])('on %s, audit --target of a name that was given again', (_engine, open) => {
  it('shows what has it now, and names the id of what had it before', async () => {
    const session = await open();
    const idOf = async (name: string): Promise<string> =>
      JSON.parse(await session.ok('show', name, '--json')).credential.id;
    await session.issue('bot');
    const first = await idOf('bot');
    expect((await session.run(['audit', '--target', 'bot'])).stderr).not.toContain('earlier');
    await session.ok('delete', 'bot', '--yes');
    const gone = await session.run(['audit', '--target', 'bot']);
    expect([gone.stderr, gone.stdout.includes('credential.delete')]).toEqual(['', true]);
    await session.issue('bot');
    const again = await session.run(['audit', '--target', 'BOT']);
    expect(again.stdout).not.toContain('credential.delete');
    expect(again.stderr).toBe(
      `note: an earlier BOT was deleted; what happened to it: credctl audit --target ${first}\n`,
    );
    expect(await session.ok('audit', '--target', first)).toContain('credential.delete');
    const second = await idOf('bot');
    await session.ok('delete', 'bot', '--yes');
    await session.issue('bot');
    const { stderr } = await session.run(['audit', '--target', 'bot', '--format', 'csv']);
    expect(stderr).toBe(
      `note: an earlier bot was deleted, the last of 2; what happened to it: credctl audit --target ${second}\n`,
    );
    for (const flags of [['--json'], ['--quiet']]) {
      expect((await session.run(['audit', '--target', 'bot', ...flags])).stderr).toBe('');
    }
  });
});
