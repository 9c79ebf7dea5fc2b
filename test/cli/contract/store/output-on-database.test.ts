import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openSession, type Session } from '../../../support/program/run.js';
import { makeOverdue } from '../../../support/stores/overdue.js';

const KEY = ['--type', 'api-key', '--scope', 'data:users'];

/** Runs a command that must change nothing: the database stays as it is, and so does the audit trail. */
async function expectRefused(session: Session, database: string, argv: readonly string[]): Promise<void> {
  const [bytes, events] = [readFileSync(database), await session.ok('audit', '--json')];
  const { message, hint } = await session.refused(6, argv);
  expect(message).toMatch(/ is a file of a database$/);
  expect(hint).toContain('name another file');
  expect(readFileSync(database).equals(bytes)).toBe(true);
  expect(await session.ok('audit', '--json')).toBe(events);
}

describe('a secret never takes the place of', () => {
  it.each([
    ['the store itself', ''],
    ['its log', '-wal'],
    ['its shared memory', '-shm'],
    ['its journal', '-journal'],
  ])('%s, whatever is forced', async (_what, suffix) => {
    const session = await openSession();
    await session.issue('ci-bot');
    const { defaultStore } = session.workspace;
    const output = ['--output', `${defaultStore}${suffix}`, '--force'];
    await expectRefused(session, defaultStore, ['rotate', 'ci-bot', ...output]);
    await expectRefused(session, defaultStore, ['create', 'next', ...KEY, ...output]);
  });

  it('the store, under another name of its directory and in a run over all that is due', async () => {
    const session = await openSession();
    await session.issue('credctl.db', '--rotate-every', '30d');
    const { defaultStore } = session.workspace;
    const directory = defaultStore.replace(/\/credctl\.db$/, '');
    await session.sh(`ln -s '${directory}' linked`);
    await expectRefused(session, defaultStore, [
      ...['rotate', 'credctl.db', '--output', 'linked/credctl.db', '--force'],
    ]);
    makeOverdue(defaultStore);
    const ended = await session.run(['rotate', '--due', '--output-dir', directory]);
    expect(ended).toMatchObject({ exitCode: 7, stdout: '' });
    expect(ended.stderr).toContain('is a file of a database');
    expect(await session.ok('list')).toContain('credctl.db');
  });

  it('a backup', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    const backup = session.workspace.path('b.db');
    await expectRefused(session, backup, ['rotate', 'ci-bot', '--output', 'b.db', '--force']);
  });
});
