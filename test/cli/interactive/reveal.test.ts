import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../support/dependencies/presented.js';
import { secretsIn } from '../../support/stores/store-probe.js';
import { expectNoTraceOf, expectOrdinaryMode, KEYS, names, secretShown, sitDown } from './seated.js';

const CREATE = 'credctl create ci-bot --type api-key --scope data:users';

describe('a secret on a terminal', () => {
  it.each([true, false])('is gone after Enter, and live (alternate screen: %s)', async (alternateScreen) => {
    const { session, terminal } = await sitDown({ alternateScreen });
    await terminal.run(CREATE);
    const secret = await secretShown(terminal);
    const page = await terminal.joined();
    for (const fact of ['ci-bot', secret.slice(0, 'cctl_key_'.length + 12), 'API key:']) {
      expect(page).toContain(fact);
    }
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    await expectNoTraceOf(secret, terminal);
    expect(await terminal.scrollback()).toContain('created API key ci-bot');
    expect(await terminal.scrollback()).not.toContain('keep the secret now');
    expect(await verdictOn(session, secret)).toBe('valid');
    await expectOrdinaryMode(terminal);
  });

  it('shows what was there before once it is gone', async () => {
    const { terminal } = await sitDown();
    await terminal.run(`echo earlier-output; ${CREATE}`);
    await secretShown(terminal);
    expect(await terminal.screen()).not.toContain('earlier-output');
    await terminal.press('Enter');
    await terminal.ended();
    expect(await terminal.screen()).toContain('earlier-output');
  });

  it('shows the client id of an OAuth client, and the handle', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run('credctl create crm --scope data:users');
    const secret = await secretShown(terminal);
    const { credential } = JSON.parse(await session.ok('show', 'crm', '--json'));
    expect(await terminal.joined()).toContain(`client id: ${credential.client_id}`);
    expect(await terminal.joined()).toContain(`handle: ${credential.versions[0].handle}`);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await verdictOn(session, secret)).toBe('valid');
  });

  it('counts as delivered only once the person says so', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run(CREATE);
    await secretShown(terminal);
    const { credential } = JSON.parse(await session.ok('show', 'ci-bot', '--json'));
    expect(credential.versions[0]).toMatchObject({ state: 'pending', delivered_at: null });
    await terminal.press('x', 'Space', 'Up', 'C-d', 'Escape');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await session.ok('show', 'ci-bot')).toContain('current');
  });

  it('is not confirmed by what was typed before it was there', async () => {
    const { session, terminal } = await sitDown();
    await terminal.type(`clear; ${CREATE}; echo "#0 ended"=$?`);
    await terminal.press('Enter', 'Enter', 'Enter', 'Enter');
    const secret = await secretShown(terminal);
    await terminal.press('C-c');
    await terminal.see('#0 ended=130');
    expect(await verdictOn(session, secret)).not.toBe('valid');
  });

  it('is not confirmed by what is pasted, and goes nowhere by it', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run(CREATE);
    const secret = await secretShown(terminal);
    await terminal.paste('a line\nfile\n\n');
    await terminal.press('f');
    await terminal.paste('saved\n');
    await terminal.see('File (the bare API key): saved_');
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    expect((await session.sh('ls')).stdout).toBe('');
    expect(await verdictOn(session, secret)).not.toBe('valid');
  });

  it('appears for rotate as well, which leaves the older one alone until then', async () => {
    const { session, terminal } = await sitDown();
    const older = await session.issue('ci-bot');
    await terminal.run('credctl rotate ci-bot --now');
    await terminal.see('1 older secret of ci-bot stops once the new one is delivered');
    const newer = await secretShown(terminal);
    expect(await verdictOn(session, older)).toBe('valid');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    await expectNoTraceOf(newer, terminal);
    expect(await verdictOn(session, older)).toBe('version_retired');
    expect(await verdictOn(session, newer)).toBe('valid');
  });

  it.each([40, 200])('fits %i columns', async (columns) => {
    const { session, terminal } = await sitDown({ columns });
    await terminal.run('credctl create team/a-long-name/for-a-narrow-terminal --scope data:users');
    const secret = await secretShown(terminal);
    const lines = (await terminal.joined()).split('\n').filter((line) => !line.includes(secret));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    await expectNoTraceOf(secret, terminal);
    expect(await verdictOn(session, secret)).toBe('valid');
  });

  it('stays in its place when the window changes its size', async () => {
    const { terminal } = await sitDown();
    await terminal.run(CREATE);
    const secret = await secretShown(terminal);
    await terminal.resize(50, 12);
    await terminal.see(/c: copy\nCtrl-C: revoke it$/m);
    expect(secretsIn(await terminal.joined())).toEqual([secret]);
    await terminal.resize(20, 3);
    await terminal.see('Enlarge the window.');
    await terminal.resize(100, 30);
    await terminal.see(/c: copy {3}Ctrl-C: revoke it$/m);
    expect(secretsIn(await terminal.joined())).toEqual([secret]);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    await expectNoTraceOf(secret, terminal);
  });

  it.each([
    ['--reveal inline', ''],
    ['--format env', ''],
    ['-q', ''],
    ['--json', ''],
    ['--no-input', ''],
    ['', '2> notes'],
    ['', '< /dev/null'],
  ])('is printed in the normal flow with %s %s', async (flags, redirection) => {
    const { session, terminal } = await sitDown({ columns: 200 });
    await terminal.run(`${CREATE} ${flags} ${redirection}`);
    expect(await terminal.ended()).toBe(0);
    const [secret = ''] = secretsIn(await terminal.joined());
    expect(await verdictOn(session, secret)).toBe('valid');
  });

  it('goes into a pipe and a file as ever', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run(`${CREATE} > secret`);
    expect(await terminal.ended()).toBe(0);
    expect(await verdictOn(session, (await session.workspace.read('secret')).trim())).toBe('valid');
    expect(await names(session)).toEqual(['ci-bot']);
    expect(await terminal.screen()).not.toContain(KEYS);
  });

  it('--reveal is refused where it means nothing', async () => {
    const { session } = await sitDown();
    const create = CREATE.split(' ').slice(1);
    await session.refused(2, [...create, '--reveal', 'screen']);
    await session.refused(2, [...create, '--reveal', 'screen', '--output', 'file']);
    await session.refused(2, [...create, '--reveal', 'page']);
    await session.refused(2, ['rotate', 'ci-bot', '--finish', '--reveal', 'inline']);
    await session.ok(...create, '--reveal', 'inline');
  });
});
