import { describe, expect, it } from 'vitest';
import { openSession, type Session } from '../../support/program/run.js';
import { KEYS, onTerminal, openTerminal } from '../../support/program/terminal.js';
import { catalogDocument, listDocument } from '../contract/output/shapes.js';

async function names(session: Session): Promise<readonly string[]> {
  const { credentials } = await session.json(listDocument, 'list');
  return credentials.map(({ name }) => name);
}

describe('delete on a terminal', () => {
  it('goes ahead once the name is typed', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const terminal = openTerminal(session, 'credctl delete ci-bot');
    await terminal.waitFor('Type ci-bot to confirm');
    terminal.type(`ci-bot${KEYS.enter}`);
    const { exitCode, text } = await terminal.finished();
    expect(exitCode).toBe(0);
    expect(text).toMatch(/^deleted ci-bot$/m);
    expect(await names(session)).toEqual([]);
  });

  it.each([
    ['another name', `other-bot${KEYS.enter}`, 2],
    ['nothing', KEYS.enter, 2],
    ['yes', `y${KEYS.enter}`, 2],
    ['Ctrl-C', KEYS.ctrlC, 130],
    ['Ctrl-C after the name', `ci-bot${KEYS.ctrlC}`, 130],
    ['Ctrl-D', KEYS.ctrlD, 130],
  ])('changes nothing after %s', async (_, keys, exit) => {
    const session = await openSession();
    await session.issue('ci-bot');
    const terminal = openTerminal(session, 'credctl delete ci-bot');
    await terminal.waitFor('to confirm');
    terminal.type(keys);
    const { exitCode, text } = await terminal.finished();
    expect(exitCode).toBe(exit);
    expect(text).toContain('nothing was changed');
    expect(await names(session)).toEqual(['ci-bot']);
  });

  it('asks for each of several names before it deletes the first', async () => {
    const session = await openSession();
    await session.issue('a');
    await session.issue('b');
    const terminal = openTerminal(session, 'credctl delete a b');
    await terminal.waitFor('Type a to confirm');
    terminal.type(`a${KEYS.enter}`);
    await terminal.waitFor('Type b to confirm');
    terminal.type(KEYS.ctrlC);
    expect((await terminal.finished()).exitCode).toBe(130);
    expect(await names(session)).toEqual(['a', 'b']);
  });

  it('asks for the name also where an id was given', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const { credentials } = await session.json(listDocument, 'list');
    const terminal = openTerminal(session, `credctl delete ${credentials[0]?.id}`);
    await terminal.waitFor('to confirm');
    terminal.type(`ci-bot${KEYS.enter}`);
    expect((await terminal.finished()).exitCode).toBe(0);
    expect(await names(session)).toEqual([]);
  });

  it('does not ask about what does not exist', async () => {
    const session = await openSession();
    const { exitCode, text } = await onTerminal(session, 'credctl delete nobody');
    expect(exitCode).toBe(3);
    expect(text).not.toContain('to confirm');
  });

  it('does not ask with --yes, nor with --no-input', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const refused = await onTerminal(session, 'credctl delete ci-bot --no-input');
    expect(refused.exitCode).toBe(2);
    expect(refused.text).toContain('--yes');
    expect((await onTerminal(session, 'credctl delete ci-bot --yes')).exitCode).toBe(0);
    expect(await names(session)).toEqual([]);
  });

  it('writes its question to stderr, so that stdout stays the result', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const terminal = openTerminal(session, 'credctl delete ci-bot > result');
    await terminal.waitFor('to confirm');
    terminal.type(`ci-bot${KEYS.enter}`);
    expect((await terminal.finished()).exitCode).toBe(0);
    expect(await session.workspace.read('result')).toBe('');
  });

  it('that is terminated while it asks changes nothing, exit 143', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const terminal = openTerminal(session, 'echo $$ > pid; exec credctl delete ci-bot');
    await terminal.waitFor('to confirm');
    process.kill(Number(await session.workspace.read('pid')), 'SIGTERM');
    expect((await terminal.finished()).exitCode).toBe(143);
    expect(await names(session)).toEqual(['ci-bot']);
  });

  it('of an owner asks as well', async () => {
    const session = await openSession();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    const terminal = openTerminal(session, 'credctl owner delete crm');
    await terminal.waitFor('Type crm to confirm');
    terminal.type(`crm${KEYS.enter}`);
    expect((await terminal.finished()).exitCode).toBe(0);
    expect((await session.run(['owner', 'show', 'crm'])).exitCode).toBe(3);
  });
});

describe('a change of the catalog on a terminal', () => {
  it.each([
    ['y', `y${KEYS.enter}`, 0, 'mparticle'],
    ['n', `n${KEYS.enter}`, 130, 'moveworks'],
    ['Enter alone', KEYS.enter, 130, 'moveworks'],
    ['Ctrl-C', KEYS.ctrlC, 130, 'moveworks'],
  ])('shows the difference, asks, and heeds %s', async (_, keys, exit, name) => {
    const session = await openSession();
    const terminal = openTerminal(session, 'credctl catalog use mparticle');
    await terminal.waitFor('Replace the catalog by mparticle?');
    terminal.type(keys);
    const { exitCode, text } = await terminal.finished();
    expect(exitCode).toBe(exit);
    expect(text).toContain('- api data\n');
    expect(text).toContain('+ api profile\n');
    const { catalog } = await session.json(catalogDocument, 'catalog', 'show');
    expect(catalog.name).toBe(name);
  });

  it('does not ask when there is nothing to change, or just to be looked at', async () => {
    const session = await openSession();
    expect((await onTerminal(session, 'credctl catalog use moveworks')).exitCode).toBe(0);
    await session.workspace.write('catalog.json', '{"name":"mine","apis":[]}');
    const { exitCode, text } = await onTerminal(session, 'credctl catalog apply -f catalog.json --dry-run');
    expect(exitCode).toBe(0);
    expect(text).toContain('- api data\n');
  });
});

describe('colour in questions', () => {
  it.each([
    ['--no-color', {}],
    ['', { NO_COLOR: '1' }],
  ])('is not there with %s %j', async (flag, env) => {
    const session = await openSession();
    await session.issue('ci-bot');
    const terminal = openTerminal(session, `credctl delete ci-bot ${flag}`, { env });
    await terminal.waitFor('to confirm');
    terminal.type(KEYS.ctrlC);
    const { raw } = await terminal.finished();
    expect(raw).not.toMatch(new RegExp(`${String.fromCharCode(27)}\\[(3|9)[0-7]m`));
  });
});
