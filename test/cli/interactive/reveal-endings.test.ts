import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../support/dependencies/presented.js';
import type { Session } from '../../support/program/run.js';
import { expectNoTraceOf, expectOrdinaryMode, names, STOPPED, secretShown, sitDown } from './seated.js';

const CREATE = 'credctl create ci-bot --type api-key --scope data:users';

/** Starts the command so that the file `pid` holds the number of its process. */
function withPid(line: string): string {
  return `sh -c 'echo $$ > pid; exec ${line}'`;
}

async function untilDead(session: Session, secret: string): Promise<string> {
  const deadline = Date.now() + 40_000;
  for (;;) {
    const verdict = await verdictOn(session, secret);
    if (verdict !== 'valid' || Date.now() > deadline) return verdict;
  }
}

describe('while a secret is shown', () => {
  it.each([true, false])('Ctrl-C revokes it, exit 130 (alternate screen: %s)', async (alternateScreen) => {
    const { session, terminal } = await sitDown({ alternateScreen });
    await terminal.run(CREATE);
    const secret = await secretShown(terminal);
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    expect(await terminal.screen()).toContain('interrupted; the new secret was revoked');
    expect(await terminal.screen()).toContain('hint: no credential was created');
    await expectNoTraceOf(secret, terminal);
    expect(await verdictOn(session, secret)).toBe('deleted');
    expect(await names(session)).toEqual([]);
    await expectOrdinaryMode(terminal);
  });

  it('Ctrl-C during a rotation leaves the older one as it was', async () => {
    const { session, terminal } = await sitDown();
    const older = await session.issue('ci-bot');
    await terminal.run('credctl rotate ci-bot');
    const newer = await secretShown(terminal);
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    expect(await terminal.screen()).toContain('hint: no new secret works; earlier secrets are unchanged');
    expect(await verdictOn(session, newer)).toBe('version_retired');
    expect(await verdictOn(session, older)).toBe('valid');
    await session.ok('rotate', 'ci-bot', '-q');
  });

  it.each([
    ['TERM', 143],
    ['HUP', 143],
    ['QUIT', 143],
    ['INT', 130],
  ])('SIG%s revokes it, exit %i, and the terminal is as before', async (signal, status) => {
    const { session, terminal } = await sitDown();
    await terminal.run(withPid(CREATE));
    const secret = await secretShown(terminal);
    await session.sh(`kill -${signal} "$(cat pid)"`);
    expect(await terminal.ended()).toBe(status);
    await expectNoTraceOf(secret, terminal);
    expect(await names(session)).toEqual([]);
    expect(await verdictOn(session, secret)).toBe('deleted');
    await expectOrdinaryMode(terminal);
  });

  it('a terminal that is closed revokes it', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run(CREATE);
    const secret = await secretShown(terminal);
    await terminal.close();
    expect(await untilDead(session, secret)).toBe('deleted');
    expect(await names(session)).toEqual([]);
  });

  it('a terminal that is closed during a rotation leaves the older one as it was', async () => {
    const { session, terminal } = await sitDown();
    const older = await session.issue('ci-bot');
    await terminal.run('credctl rotate ci-bot --now');
    const newer = await secretShown(terminal);
    await terminal.close();
    expect(await untilDead(session, newer)).toBe('version_retired');
    expect(await verdictOn(session, older)).toBe('valid');
  });

  it('being stopped and continued shows it again', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run(withPid(CREATE));
    const secret = await secretShown(terminal);
    await session.sh('kill -TSTP "$(cat pid)"');
    await terminal.see(STOPPED);
    await session.sh('kill -CONT "$(cat pid)"');
    await terminal.run('fg');
    expect(await secretShown(terminal)).toBe(secret);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    await expectNoTraceOf(secret, terminal);
  });
});
