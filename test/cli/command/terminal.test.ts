import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../support/presented.js';
import { stateOf } from '../../support/running-program.js';
import { secretsIn } from '../../support/store-probe.js';
import { until } from '../../support/until.js';
import { expectOrdinaryMode, KEYS, names, sitDown } from '../interactive/seated.js';

/** Takes the secret, tells who it is, and waits. */
const WAITING = `cat > input; echo $$ > pid.new; mv pid.new pid; echo waiting; exec sleep 600`;

describe('a command at a terminal', () => {
  it.each([
    ['create', 'create newcomer --type api-key --scope data:users'],
    ['rotate', 'rotate ci-bot'],
  ])('%s: Ctrl-C ends it and revokes the secret', async (_, argv) => {
    const { session, terminal } = await sitDown();
    const earlier = await session.issue('ci-bot');
    await terminal.run(`credctl ${argv} -- sh -c '${WAITING}'`);
    await terminal.see('waiting');
    await terminal.press('C-c', 'C-c', 'C-c');
    expect(await terminal.ended()).toBe(130);
    expect(await terminal.joined()).toMatch(/credctl: interrupted by SIGINT\nhint: .*revoked/);
    expect(stateOf(Number(await session.workspace.read('pid')))).toBeNull();
    expect(await names(session)).toEqual(['ci-bot']);
    expect(await verdictOn(session, earlier)).toBe('valid');
    expect(await verdictOn(session, await session.workspace.read('input'))).toMatch(
      /^(unknown|version_retired)$/,
    );
    await expectOrdinaryMode(terminal);
  });

  it.each([
    ['create', 'create newcomer --type api-key --scope data:users'],
    ['rotate', 'rotate ci-bot'],
  ])('%s: a terminal that is closed ends it and revokes the secret', async (_, argv) => {
    const { session, terminal } = await sitDown();
    const earlier = await session.issue('ci-bot');
    await terminal.run(`credctl ${argv} -- sh -c '${WAITING}'`);
    await terminal.see('waiting');
    const pid = Number(await session.workspace.read('pid'));
    await terminal.close();
    await until(() => stateOf(pid) === null);
    await expect.poll(() => names(session), { timeout: 30_000 }).toEqual(['ci-bot']);
    await expect
      .poll(async () => verdictOn(session, await session.workspace.read('input')), { timeout: 30_000 })
      .toMatch(/^(unknown|version_retired)$/);
    expect(await verdictOn(session, earlier)).toBe('valid');
    const { versions } = JSON.parse(await session.ok('show', 'ci-bot', '--json')).credential;
    expect(versions.at(-1)).toMatchObject({ state: 'current', retires_at: null });
  });

  it('comes after the secret was shown and stored', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run(
      "credctl create ci-bot --type api-key --scope data:users --print -- sh -c 'cat > input'",
    );
    await terminal.see(KEYS);
    expect(existsSync(session.workspace.path('input'))).toBe(false);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    const [secret = ''] = secretsIn(await session.workspace.read('input'));
    expect(await verdictOn(session, secret)).toBe('valid');
    expect(secretsIn(await terminal.scrollback())).toEqual([]);
  });

  it('is not started when the secret that was shown is revoked', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run(
      "credctl create ci-bot --type api-key --scope data:users --print -- sh -c 'cat > input'",
    );
    await terminal.see(KEYS);
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    expect(existsSync(session.workspace.path('input'))).toBe(false);
    expect(await names(session)).toEqual([]);
  });

  it('writes to the terminal, and finds its time-out suspended with credctl', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run(
      "credctl create ci-bot --scope data:users -- sh -c 'cat > input; echo first; while ! [ -e go ]; do sleep 0.1; done; echo last'",
    );
    await terminal.see('first');
    await terminal.press('C-z');
    await terminal.see(/Stopped|Suspended/);
    await session.workspace.write('go', '');
    await terminal.see('last');
    await terminal.run('fg');
    expect(await terminal.ended()).toBe(0);
    expect(await names(session)).toEqual(['ci-bot']);
  });
});
