import { describe, expect, it } from 'vitest';
import { isMissing } from '../../support/program/missing-programs.js';
import type { PseudoTerminal } from '../../support/program/pseudo-terminal.js';
import { QUESTIONS } from './questions.js';
import { expectNoTraceOf, expectOrdinaryMode, KEYS, names, STOPPED, sitDown, stop } from './seated.js';

/** From here on the terminal is that shell's. */
async function enter(shell: string, terminal: PseudoTerminal): Promise<void> {
  const [program = ''] = shell.split(' ');
  if (isMissing(`Ctrl-Z in ${program}`, program)) throw new Error(`${program} is needed`);
  for (const line of [`exec ${shell}`, "PS1='$ '"]) {
    await terminal.type(line);
    await terminal.press('Enter');
  }
}

/** Continues what is stopped in the background, where it stops again. */
const IN_VAIN = 'bg; sleep 1; true';

describe('Ctrl-Z at a question, then fg', () => {
  it.each(QUESTIONS)('brings back $title, with what was typed and chosen', async (each) => {
    const { session, terminal } = await sitDown();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    await session.issue('ci-bot', '--description', 'a note');
    if (each.preset !== undefined)
      await session.ok('catalog', 'use', each.preset, '--store', 'other.db', '--yes');
    const { catalog } = JSON.parse(await session.ok('catalog', 'show', '--json'));
    await session.workspace.write('catalog.json', JSON.stringify({ ...catalog, name: 'mine' }));
    await terminal.run(each.command);
    for (const [seen, ...keys] of each.before) {
      await terminal.see(seen);
      await terminal.press(...keys);
    }
    await terminal.see(each.question);
    await terminal.press(...each.keys);
    await terminal.see(each.shown);
    await stop(terminal);
    await terminal.run('fg');
    expect(await terminal.see(each.shown)).not.toContain('interrupted');
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    expect(await terminal.joined()).toContain('nothing was changed');
    await expectOrdinaryMode(terminal);
    expect(await names(session)).toEqual(['ci-bot']);
  });

  it('brings back the hidden secret, of which nothing is seen', async () => {
    const { session, terminal } = await sitDown();
    const secret = await session.issue('ci-bot');
    await terminal.run('credctl verify');
    await terminal.see('Secret:');
    await terminal.type(secret.slice(0, 40));
    await stop(terminal);
    await terminal.run('fg');
    await terminal.see('Secret:');
    await terminal.type(secret.slice(40));
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.joined()).toContain('valid: ci-bot, version 1');
    await expectNoTraceOf(secret, terminal);
  });

  it('goes on to the end of the form', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run('credctl create --reveal inline');
    await terminal.see('Name');
    await terminal.type('bo');
    await stop(terminal);
    await terminal.run('fg');
    await terminal.see(/Name bo$/m);
    await terminal.type('t');
    await terminal.press('Enter');
    await terminal.see('Type');
    await terminal.press('Down');
    await stop(terminal);
    await terminal.run('fg');
    await terminal.see(/^> API key/m);
    await terminal.press('Enter');
    await terminal.see('Scopes');
    await terminal.press('Space', 'Enter');
    expect(await terminal.ended()).toBe(0);
    const { credential } = JSON.parse(await session.ok('show', 'bot', '--json'));
    expect(credential).toMatchObject({ type: 'api-key', scopes: ['data:*'] });
  });

  it('brings back the question on a terminal that only adds lines', async () => {
    const { session, terminal } = await sitDown();
    await session.issue('ci-bot');
    await terminal.run('TERM=dumb credctl delete ci-bot');
    await terminal.see('to confirm');
    await stop(terminal);
    await terminal.run('fg');
    await terminal.see('to confirm');
    await terminal.type('ci-bot');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await names(session)).toEqual([]);
  });

  it.each(['bash --norc --noprofile', 'zsh -f'])('works in %s', async (shell) => {
    const { terminal } = await sitDown();
    await enter(shell, terminal);
    await terminal.run('credctl create');
    await terminal.see('Name');
    await terminal.type('bo');
    await stop(terminal);
    await terminal.run('fg');
    await terminal.see(/Name bo$/m);
    await stop(terminal);
    await terminal.run('bg; sleep 1; true');
    await terminal.ended();
    await terminal.run('fg');
    await terminal.see(/Name bo$/m);
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    await expectOrdinaryMode(terminal);
  });

  it.each([
    ['a question', 'credctl delete ci-bot', 'to confirm', '', 'nothing was changed'],
    ['a secret', 'credctl rotate ci-bot', KEYS, '', 'the new secret was revoked'],
    ['a question after bg', 'credctl delete ci-bot', 'to confirm', IN_VAIN, 'nothing was changed'],
    ['a secret after bg', 'credctl rotate ci-bot', KEYS, IN_VAIN, 'the new secret was revoked'],
  ])('leaves %s that can be ended without fg', async (_, command, seen, after, end) => {
    const { session, terminal } = await sitDown();
    await session.issue('ci-bot');
    await enter('bash --norc --noprofile', terminal);
    await terminal.run(command);
    await terminal.see(seen);
    await stop(terminal);
    if (after !== '') {
      await terminal.run(after);
      await terminal.ended();
    }
    await terminal.run('kill %1');
    await terminal.see(`terminated; ${end}`);
    await expectOrdinaryMode(terminal);
    expect(await names(session)).toEqual(['ci-bot']);
  });

  it('stops what has started it as well, so that the shell notices', async () => {
    const { session, terminal } = await sitDown();
    await session.issue('ci-bot');
    await terminal.run("sh -c 'credctl delete ci-bot; exit $?'");
    await terminal.see('to confirm');
    await terminal.type('ci');
    await stop(terminal);
    await terminal.run('fg');
    await terminal.see(/to confirm: ci$/m);
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
  });

  it('is a question that stays where no shell could continue it', async () => {
    const { session, terminal } = await sitDown();
    await session.issue('ci-bot');
    await terminal.run('setsid --ctty --wait credctl delete ci-bot');
    await terminal.see('to confirm');
    await terminal.type('ci');
    await terminal.see(/to confirm: ci$/m);
    await terminal.wipe();
    await terminal.press('C-z');
    await terminal.see(/to confirm: ci$/m);
    await terminal.type('-b');
    await terminal.see(/to confirm: ci-b$/m);
    await terminal.press('C-c');
    await terminal.see('interrupted; nothing was changed');
  });
});

describe('a question whose program is stopped from outside', () => {
  it.each(['TSTP', 'STOP'])('comes back after SIG%s', async (signal) => {
    const { session, terminal } = await sitDown();
    await session.issue('ci-bot');
    // After SIGSTOP, which no program can prepare for, it takes a shell that puts the terminal right.
    await enter('bash --norc --noprofile', terminal);
    await terminal.run("sh -c 'echo $$ > pid; exec credctl delete ci-bot'");
    await terminal.see('to confirm');
    await terminal.type('ci');
    await terminal.see(/to confirm: ci$/m);
    await session.sh(`kill -${signal} "$(cat pid)"`);
    await terminal.see(STOPPED);
    await terminal.run('fg');
    await terminal.see(/to confirm: ci$/m);
    await terminal.type('-bot');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    await expectOrdinaryMode(terminal);
  });
});
