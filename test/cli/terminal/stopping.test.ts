import { describe, expect, it } from 'vitest';
import { openSession, type Session } from '../../support/program/run.js';
import { KEYS, onTerminal, openTerminal } from '../../support/program/terminal.js';
import { listDocument } from '../contract/output/shapes.js';
import { createdAgo, DAY, FROM, HOUR, usedAgo } from '../contract/stopping/used.js';

async function active(session: Session): Promise<readonly string[]> {
  const { credentials } = await session.json(listDocument, 'list', '--status', 'active');
  return credentials.map(({ name }) => name);
}

/** `busy` was used lately, `quiet` and `never` were not, `old` is inactive. */
async function fourOf(): Promise<Session> {
  const session = await openSession();
  await session.ok('owner', 'create', 'crm', '--kind', 'service');
  for (const name of ['busy', 'quiet', 'never', 'old']) {
    await session.issue(name, '--owner', 'crm');
    createdAgo(session, name, 40 * DAY);
  }
  await session.ok('deactivate', 'old');
  usedAgo(session, 'busy', 3 * HOUR);
  usedAgo(session, 'quiet', 39 * DAY);
  return session;
}

describe('before something live is cut, on a terminal', () => {
  it('delete says with its question what stops, whose it is, and how long ago it was used', async () => {
    const session = await fourOf();
    const terminal = openTerminal(session, 'credctl delete busy old -q');
    await terminal.waitFor('Type busy to confirm');
    terminal.type(KEYS.ctrlC);
    const { exitCode, text } = await terminal.finished();
    expect(exitCode).toBe(130);
    expect(text).toContain(
      `1 credential stops:\n  busy, active, owner crm, last used 3 hours ago from ${FROM}\n  old, inactive, owner crm, never used\n`,
    );
  });

  it('delete asks nothing where it would be refused', async () => {
    const session = await fourOf();
    const { exitCode, text } = await onTerminal(session, 'credctl delete busy --unless-used-within 1d');
    expect(exitCode).toBe(5);
    expect(text).not.toContain('to confirm');
    expect((await onTerminal(session, 'credctl delete busy --if-revision 9')).exitCode).toBe(5);
    const owner = await onTerminal(session, 'credctl owner delete crm --unless-used-within 1d');
    expect(owner.exitCode).toBe(5);
    expect(owner.text).not.toContain('to confirm');
  });

  it('owner delete says what stops with its question', async () => {
    const session = await fourOf();
    const terminal = openTerminal(session, 'credctl owner delete crm');
    await terminal.waitFor('Type crm to confirm');
    terminal.type(KEYS.ctrlC);
    const { text } = await terminal.finished();
    expect(text).toContain(
      `3 credentials stop:\n  busy, last used 3 hours ago from ${FROM}\n  quiet, last used 39 days ago from ${FROM}\n  never, never used\n`,
    );
  });

  it.each([
    ['deactivate busy', 'note: 1 credential stops: busy, last used 3 hours ago', 'deactivated busy'],
    ['owner deactivate crm', 'note: 3 credentials stop:', 'deactivated owner crm'],
    ['rotate busy --now --output key', 'version 1, last used 3 hours ago', 'busy is at version 2'],
  ])('%s notes it, and goes on without a question: a leak cannot wait', async (command, noted, done) => {
    const session = await fourOf();
    const { exitCode, text } = await onTerminal(session, `credctl ${command}`);
    expect({ exitCode, text }).toMatchObject({ exitCode: 0, text: expect.stringContaining(noted) });
    expect(text).toContain(done);
  });
});

describe('a selection by --unused-for on a terminal', () => {
  it.each([
    ['y', `y${KEYS.enter}`, 0, ['busy']],
    ['n', `n${KEYS.enter}`, 130, ['busy', 'never', 'quiet']],
    ['Enter alone', KEYS.enter, 130, ['busy', 'never', 'quiet']],
    ['Ctrl-C', KEYS.ctrlC, 130, ['busy', 'never', 'quiet']],
  ])('asks before it deactivates, and heeds %s', async (_, keys, exit, left) => {
    const session = await fourOf();
    const terminal = openTerminal(session, 'credctl deactivate --unused-for 30d');
    await terminal.waitFor('Deactivate 2 credentials not used for 30d?');
    terminal.type(keys);
    const { exitCode, text } = await terminal.finished();
    expect(exitCode).toBe(exit);
    expect(text).toContain(
      `2 credentials stop:\n  quiet, last used 39 days ago from ${FROM}\n  never, never used\n`,
    );
    expect(await active(session)).toEqual(left);
  });

  it.each([
    ['the number', `3${KEYS.enter}`, 0],
    ['another number', `2${KEYS.enter}`, 2],
    ['yes', `y${KEYS.enter}`, 2],
    ['Ctrl-D', KEYS.ctrlD, 130],
  ])('asks for their number to be typed before it deletes, and heeds %s', async (_, keys, exit) => {
    const session = await fourOf();
    const terminal = openTerminal(session, 'credctl delete --unused-for 30d');
    await terminal.waitFor('Type 3 to confirm');
    terminal.type(keys);
    const { exitCode, text } = await terminal.finished();
    expect(exitCode).toBe(exit);
    expect(text).toContain('Delete 3 credentials not used for 30d');
    const { credentials } = await session.json(listDocument, 'list');
    expect(credentials).toHaveLength(exit === 0 ? 1 : 4);
  });

  it('does not ask about nothing', async () => {
    const session = await fourOf();
    const { exitCode, text } = await onTerminal(session, 'credctl delete --unused-for 50d');
    expect({ exitCode, text }).toEqual({ exitCode: 0, text: expect.stringContaining('0 deleted') });
  });
});
