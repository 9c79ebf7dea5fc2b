import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';

describe('a default store that does not exist', () => {
  it.each([['list'], ['audit'], ['owner', 'list'], ['catalog', 'show'], ['store', 'info']])(
    'reads as empty, which is said, and is not made: %s',
    async (...argv) => {
      const session = await openSession();
      const { exitCode, stderr } = await session.run(argv);
      const { defaultStore } = session.workspace;
      expect(exitCode).toBe(0);
      expect(stderr).toContain(
        `note: there is no store yet; 'credctl create' creates one at ${defaultStore}\n`,
      );
      expect((await session.run([...argv, '--json'])).stderr).toBe('');
      expect((await session.run([...argv, '-q'])).stderr).toBe('');
      expect(existsSync(defaultStore)).toBe(false);
    },
  );

  it.each([
    ['rotate', '--due', '--', 'cat'],
    ['rotate', '--due', '--dry-run'],
    ['audit', 'verify'],
    ['store', 'check'],
  ])('is exit 8 for what runs unattended or answers for a store: %s %s', async (...argv) => {
    const session = await openSession();
    const { defaultStore } = session.workspace;
    const { message, hint } = await session.refused(8, argv);
    expect(message).toBe(`there is no store at ${defaultStore}`);
    expect(hint).toContain('--store');
    expect(existsSync(defaultStore)).toBe(false);
  });

  it.each([
    ['rotate', 'x', '--output', 'x.key'],
    ['edit', 'x', '--description', 'y'],
    ['deactivate', 'x', 'y'],
    ['owner', 'deactivate', 'x'],
  ])('but was named, is exit 8 for a change that does not create it: %s %s', async (...argv) => {
    const session = await openSession();
    const { message } = await session.refused(8, [...argv, '--store', './none.db']);
    expect(message).toBe(`there is no store at ${session.workspace.path('none.db')}`);
  });

  it('is not spoken of once it is there', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    expect((await session.run(['list'])).stderr).toBe('');
  });
});
