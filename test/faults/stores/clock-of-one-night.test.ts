import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isInstalled } from '../../support/build/checker.js';
import { verdictOn } from '../../support/dependencies/presented.js';
import { clockAhead } from '../../support/dependencies/wrong-clock.js';
import { openPostgresSession } from '../../support/postgres/session.js';
import { type Finished, openSession, type Session } from '../../support/program/run.js';

const hasFaketime = isInstalled('faketime', 'faketime');

const FAR_AHEAD = '2069-12-31 19:42:47';
const BEHIND = '1980-01-01 00:00:00';

/** Runs a line of shell under a clock that starts at that time. */
function at(session: Session, time: string, command: string): Promise<Finished> {
  return session.sh(`faketime '${time}' ${command}`, { env: { TZ: 'UTC' } });
}

async function messages(session: Session): Promise<string> {
  return (await session.run(['store', 'check'])).stdout;
}

describe.skipIf(!hasFaketime)('a clock that is far ahead for one night', () => {
  it('rotates nothing, says why, and leaves no trace in the store', async () => {
    const session = await openSession();
    const key = await session.issue('a', '--rotate-every', '90d');
    await session.sh('mkdir -m 0700 out');
    const run = await at(session, FAR_AHEAD, 'credctl rotate --due --output-dir out');
    expect(run).toMatchObject({ exitCode: 5, stdout: '' });
    expect(run.stderr).toMatch(
      /^credctl: this machine's clock says 2069-12-31T19:42:4\S+Z, \d+ days ahead of an event of the audit trail \(2\S+Z\)\nhint: [^\n]*--yes[^\n]*\n$/,
    );
    expect(readdirSync(session.workspace.path('out'))).toEqual([]);
    expect(await verdictOn(session, key)).toBe('valid');
    expect(await messages(session)).not.toContain('(clock)');
  });

  it('rotates nothing either after the backup of that night, which is noted', async () => {
    const session = await openSession();
    await session.issue('a', '--rotate-every', '90d');
    await session.sh('mkdir -m 0700 out');
    const backup = await at(session, FAR_AHEAD, 'credctl store backup b.db');
    expect(backup.exitCode).toBe(0);
    expect(backup.stderr).toContain("note: this machine's clock says 2069-12-31");
    expect((await at(session, FAR_AHEAD, 'credctl rotate --due --output-dir out')).exitCode).toBe(5);
    expect(await messages(session)).toContain('is in the future (2069-12-31');
    // By day: the first change of the right clock is noted, and heals it.
    expect((await session.run(['deactivate', 'a'])).stderr).toContain('note: ');
    expect((await session.run(['activate', 'a'])).stderr).not.toContain('clock');
    await session.ok('rotate', 'a', '-q');
  });

  it('rotates with --yes, and the store can be put in order afterwards', async () => {
    const session = await openSession();
    await session.issue('a', '--rotate-every', '90d');
    await session.sh('mkdir -m 0700 out');
    const run = await at(session, FAR_AHEAD, 'credctl rotate --due --output-dir out --yes');
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.stderr.match(/note: this machine's clock/g)).toHaveLength(1);
    const found = await messages(session);
    expect(found).toContain('the next rotation of a is due at 2070-03-31');
    expect(found).toContain('version 1 of a works until 2070-01-01');
    await session.ok('rotate', 'a', '--finish', '--force');
    await session.ok('rotate', 'a', '-q');
    expect(await messages(session)).not.toMatch(/computed this time from/);
    expect((await session.run(['audit', 'verify'])).exitCode).toBe(0);
  });
});

describe.skipIf(!hasFaketime)('a clock that is far behind', () => {
  it.each([
    ['a rotation with the grace that it has by itself', 'credctl rotate a --output new'],
    ['a rotation with a grace', 'credctl rotate a --grace 1d --output new'],
    ['an expiry in so many days', 'credctl edit a --expires-in 90d'],
    [
      'a credential that is to expire',
      'credctl create b --type api-key --scope data:users --expires-in 90d --output new',
    ],
    [
      'a credential with a policy',
      'credctl create b --type api-key --scope data:users --rotate-every 90d --output new',
    ],
  ])('refuses %s unless --yes is there', async (_what, command) => {
    const session = await openSession();
    const key = await session.issue('a');
    const refused = await at(session, BEHIND, command);
    expect(refused.exitCode).toBe(5);
    expect(refused.stderr).toMatch(
      /^credctl: this machine's clock says 1980-01-01T\S+, \d+ days behind an event/,
    );
    expect(existsSync(session.workspace.path('new'))).toBe(false);
    expect(await verdictOn(session, key)).toBe('valid');
    expect((await at(session, BEHIND, `${command} --yes`)).exitCode).toBe(0);
  });

  it('looks on, creates, deactivates and revokes', async () => {
    const session = await openSession();
    const key = await session.issue('a');
    for (const look of ['list', 'show a', 'store info', 'audit list', 'rotate --due --dry-run']) {
      const { exitCode, stderr } = await at(session, BEHIND, `credctl ${look}`);
      expect([look, exitCode, stderr.includes('clock')]).toEqual([look, 0, false]);
    }
    const now = await at(session, BEHIND, 'credctl rotate a --now --output new');
    expect([now.exitCode, now.stderr.includes("note: this machine's clock")]).toEqual([0, true]);
    expect(await verdictOn(session, key)).toBe('version_retired');
  });
});

describe('a machine whose clock is decades off, and a store in a database', () => {
  it('counts from the clock of the database, against which nothing speaks', async () => {
    const session = await openPostgresSession();
    await session.issue('a');
    const env = clockAhead(43 * 365 * 86_400_000);
    const rotated = await session.run(['rotate', 'a', '--output', 'new'], { env });
    expect([rotated.exitCode, rotated.stderr.includes('clock')]).toEqual([0, false]);
    expect(await messages(session)).not.toContain('(clock)');
  });
});
