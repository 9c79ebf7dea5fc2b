import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { KEYS, onTerminal, openTerminal } from '../../support/program/terminal.js';

describe('verify on a terminal', () => {
  it('asks for the secret and shows nothing of it', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    const terminal = openTerminal(session, 'credctl verify');
    await terminal.waitFor('Secret:');
    terminal.type(`${secret}${KEYS.enter}`);
    const { exitCode, text, raw } = await terminal.finished();
    expect(exitCode).toBe(0);
    expect(text).toMatch(/^valid: ci-bot, version 1, data:users$/m);
    for (let start = 0; start + 6 <= secret.length; start += 1) {
      expect(raw).not.toContain(secret.slice(start, start + 6));
    }
  });

  it('does not show it on request either: the scrollback keeps nothing', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    const terminal = openTerminal(session, 'credctl verify');
    await terminal.waitFor('Secret:');
    terminal.type(`${KEYS.ctrlT}${secret}${KEYS.ctrlT}${KEYS.enter}`);
    const { raw } = await terminal.finished();
    expect(raw).not.toContain(secret.slice(21, 40));
  });

  it('does not show it when it is interrupted, exit 130', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    const terminal = openTerminal(session, 'credctl verify');
    await terminal.waitFor('Secret:');
    terminal.type(`${secret}${KEYS.ctrlC}`);
    const { exitCode, raw } = await terminal.finished();
    expect(exitCode).toBe(130);
    expect(raw).not.toContain(secret.slice(21, 40));
  });

  it('answers as it does to a pipe', async () => {
    const session = await openSession();
    const terminal = openTerminal(session, 'credctl verify > result');
    await terminal.waitFor('Secret:');
    terminal.type(`nonsense${KEYS.enter}`);
    expect((await terminal.finished()).exitCode).toBe(4);
    expect(await session.workspace.read('result')).toMatch(/^not valid: malformed/);
  });

  it.each(['--no-input', '--json'])('does not ask with %s, exit 2', async (flag) => {
    const session = await openSession();
    const { exitCode, text } = await onTerminal(session, `credctl verify ${flag}`);
    expect(exitCode).toBe(2);
    expect(text).toContain('standard input');
    expect(text).not.toContain('Secret:');
  });

  it('does not ask where the secret comes through a pipe, or stderr goes elsewhere', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    await session.workspace.write('key.txt', `${secret}\n`);
    const piped = await onTerminal(session, 'credctl verify < key.txt');
    expect(piped).toMatchObject({ exitCode: 0, text: 'valid: ci-bot, version 1, data:users\n' });
    expect((await onTerminal(session, 'credctl verify 2> notes')).exitCode).toBe(2);
  });
});

describe('create on a terminal that is not to be asked', () => {
  it('names what is missing', async () => {
    const session = await openSession();
    const { exitCode, text } = await onTerminal(session, 'credctl create --no-input');
    expect(exitCode).toBe(2);
    expect(text).toContain('name');
    expect((await onTerminal(session, 'credctl create ci-bot --no-input')).text).toContain('--scope');
  });
});
