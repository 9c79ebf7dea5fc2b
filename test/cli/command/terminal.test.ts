import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../support/dependencies/presented.js';
import type { Session } from '../../support/program/run.js';
import { stateOf } from '../../support/program/running-program.js';
import { until } from '../../support/program/until.js';
import { onlySecretIn, secretsIn } from '../../support/stores/store-probe.js';
import { expectOrdinaryMode, KEYS, names, sitDown } from '../interactive/seated.js';

/** Takes the secret, tells who it is, and waits. */
const WAITING = `cat > input; echo $$ > pid.new; mv pid.new pid; echo waiting; exec sleep 600`;

describe('a command at a terminal', () => {
  const OPERATIONS = [
    ['create', 'create newcomer --type api-key --scope data:users', 'newcomer'],
    ['rotate', 'rotate ci-bot --now', 'ci-bot'],
  ] as const;

  /** Unknown outcome: ended from outside, it may have put the secret in place, so both work. */
  async function expectPending(session: Session, name: string, earlier: string): Promise<void> {
    expect(await verdictOn(session, earlier)).toBe('valid');
    expect(await verdictOn(session, await session.workspace.read('input'))).toBe('valid');
    const { versions } = JSON.parse(await session.ok('show', name, '--json')).credential;
    expect(versions[0]).toMatchObject({ state: 'pending', delivered_at: null, lapses_at: null });
    await session.ok('rotate', name, '--abort', '--force');
    expect(await verdictOn(session, earlier)).toBe('valid');
  }

  it.each(OPERATIONS)('%s: Ctrl-C ends it, and says how to go on', async (_, argv, name) => {
    const { session, terminal } = await sitDown();
    const earlier = await session.issue('ci-bot');
    await terminal.run(`credctl ${argv} -- sh -c '${WAITING}'`);
    await terminal.see('waiting');
    await terminal.press('C-c', 'C-c', 'C-c');
    expect(await terminal.ended()).toBe(130);
    expect(await terminal.joined()).toMatch(/credctl: interrupted by SIGINT .*\nhint: .*--resume.*--abort/);
    expect(stateOf(Number(await session.workspace.read('pid')))).toBeNull();
    await expectPending(session, name, earlier);
    await expectOrdinaryMode(terminal);
  });

  it.each(OPERATIONS)('%s: a terminal that is closed ends it', async (_, argv, name) => {
    const { session, terminal } = await sitDown();
    const earlier = await session.issue('ci-bot');
    await terminal.run(`credctl ${argv} -- sh -c '${WAITING}'`);
    await terminal.see('waiting');
    const pid = Number(await session.workspace.read('pid'));
    await terminal.close();
    await until(() => stateOf(pid) === null);
    await until(async () => (await session.ok('audit', '--action', 'version.doubt')).includes(name));
    await expectPending(session, name, earlier);
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

  it.each([
    ['from its start', 'credctl rotate ci-bot', [], '&'],
    ['after a question and Ctrl-Z', 'credctl create --type api-key --scope data:users', ['C-z', 'bg'], ''],
  ])(
    'in the background %s leaves the terminal to the foreground when it ends',
    async (_, line, keys, end) => {
      const { session, terminal } = await sitDown();
      await session.issue('ci-bot');
      await terminal.run(
        `${line} -- sh -c 'touch begun; until [ -e go ]; do sleep 0.1; done; cat > input' ${end} true`,
      );
      if (keys.length > 0) {
        await terminal.see('Name');
        await terminal.type('newcomer');
        await terminal.press('Enter');
      }
      await until(() => existsSync(session.workspace.path('begun')));
      for (const key of keys) {
        if (key === 'bg') await terminal.run(key);
        else await terminal.press(key);
        await terminal.ended();
      }
      await terminal.run('stty -icanon; touch go; wait; stty -a > mode; stty icanon; jobs');
      await terminal.ended();
      expect(await session.workspace.read('mode')).toContain('-icanon');
      expect(await terminal.joined()).not.toMatch(/Stopped|Suspended/);
      const secret = onlySecretIn(await session.workspace.read('input'));
      expect(await verdictOn(session, secret)).toBe('valid');
    },
  );
});
