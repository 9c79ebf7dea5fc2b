import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { expectOrdinaryMode, names, type Seated, secretShown, sitDown } from './seated.js';

/** Some credentials, of which one is inactive and one belongs to an owner. */
async function withCredentials(): Promise<Seated> {
  const seated = await sitDown({ columns: 120 });
  const { session } = seated;
  await session.ok('owner', 'create', 'sales', '--kind', 'service');
  await session.issue('a-bot', '--label', 'env=prod');
  await session.issue('b-bot', '--scope', 'events:messages');
  await session.issue('c-bot', '--owner', 'sales', '--description', 'nightly import');
  await session.ok('deactivate', 'b-bot');
  return seated;
}

describe('a command without the name that it needs', () => {
  it.each([
    ['a name', 'c-b', 'c-bot'],
    ['a description', 'night', 'c-bot'],
    ['an owner', 'sal', 'c-bot'],
    ['a label', 'env=prod', 'a-bot'],
    ['a scope', 'events:mess', 'b-bot'],
    ['the title of an API', 'Events', 'b-bot'],
  ])('lets a person pick, by %s', async (_, text, name) => {
    const { terminal } = await withCredentials();
    await terminal.run('credctl show');
    const all = await terminal.see('Credential to show');
    expect(await terminal.see('c-bot'), all).toMatch(
      /^> a-bot {2}active +never used\n {2}b-bot {2}inactive +never used\n {2}c-bot/m,
    );
    await terminal.type(text);
    const shown = new RegExp(`Credential to show ${text}\\n> ${name} +\\w+ +never used\\n\\n`);
    await terminal.see(shown);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.joined()).toMatch(new RegExp(`^name: +${name}$`, 'm'));
  });

  it('says that nothing matches, and goes on', async () => {
    const { terminal } = await withCredentials();
    await terminal.run('credctl show');
    await terminal.see('c-bot');
    await terminal.type('nobody');
    await terminal.see('> nothing matches "nobody"');
    await terminal.press('Enter');
    await terminal.press('C-u');
    await terminal.see('c-bot');
    await terminal.press('Down', 'Down', 'Up');
    await terminal.see(/^> b-bot/m);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.joined()).toMatch(/^name: +b-bot$/m);
  });

  it('takes what is typed in one go for what it matches', async () => {
    const { terminal } = await withCredentials();
    await terminal.run('credctl show');
    await terminal.see('Credential to show');
    await terminal.paste('b-bot\n');
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.joined()).toMatch(/^name: +b-bot$/m);
  });

  it('offers first what there is something to do with', async () => {
    const { session, terminal } = await withCredentials();
    await session.ok('deactivate', 'a-bot');
    await session.ok('activate', 'b-bot');
    const firstOf = async (line: string): Promise<string> => {
      await terminal.run(line);
      const seen = await terminal.see(/^> \S+/m);
      await terminal.press('C-c');
      expect(await terminal.ended()).toBe(130);
      return /^> (\S+)/m.exec(seen)?.[1] ?? '';
    };
    expect(await firstOf('clear; credctl activate')).toBe('a-bot');
    expect(await firstOf('clear; credctl deactivate')).toBe('b-bot');
    await session.ok('rotate', 'c-bot', '-q');
    expect(await firstOf('clear; credctl rotate --finish')).toBe('c-bot');
    await session.ok('rotate', 'c-bot', '--finish', '--force');
    await terminal.run('clear; credctl rotate --finish');
    expect(await terminal.ended()).toBe(3);
    expect(await terminal.joined()).toContain('no credential has an older secret in a grace period');
    expect(await firstOf('clear; credctl run -- true')).toBe('b-bot');
    expect(await firstOf('clear; credctl edit')).toBe('a-bot');
  });

  it('then does what it was called for', async () => {
    const { session, terminal } = await withCredentials();
    await terminal.run('credctl activate');
    await terminal.see(/^> b-bot +inactive/m);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.joined()).toContain('activated b-bot');
    await terminal.run('clear; credctl rotate --now');
    await terminal.see('Credential to rotate');
    await terminal.type('c-bot');
    await terminal.see(/^> c-bot/m);
    await terminal.press('Enter');
    await secretShown(terminal);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    await terminal.run('clear; credctl delete');
    await terminal.see(/^> a-bot/m);
    await terminal.press('Enter');
    await terminal.see('Type a-bot to confirm');
    await terminal.type('a-bot');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await names(session)).toEqual(['b-bot', 'c-bot']);
  });

  it.each(['C-c', 'C-d'])('is exit 130 after %s, with nothing changed', async (key) => {
    const { session, terminal } = await withCredentials();
    const before = await session.ok('audit');
    await terminal.run('credctl delete');
    await terminal.see('c-bot');
    await terminal.press(key);
    expect(await terminal.ended()).toBe(130);
    expect(await terminal.joined()).toContain('nothing was changed');
    expect(await session.ok('audit')).toBe(before);
    await expectOrdinaryMode(terminal);
  });

  it('is exit 143 after a signal, with the terminal as it was', async () => {
    const { session, terminal } = await withCredentials();
    await terminal.run('sh -c "echo \\$\\$ > pid; exec credctl delete"');
    await terminal.see('c-bot');
    await session.sh('kill -TERM "$(cat pid)"');
    expect(await terminal.ended()).toBe(143);
    await expectOrdinaryMode(terminal);
  });

  it('ends with the error of a store that was damaged meanwhile', async () => {
    const { session, terminal } = await withCredentials();
    await terminal.run('credctl show');
    await terminal.see('c-bot');
    const database = new Database(session.workspace.defaultStore);
    database.exec("pragma ignore_check_constraints = on; update credential set scopes = 'rubbish'");
    database.close();
    await terminal.type('a-bot');
    expect(await terminal.ended()).toBe(9);
    expect(await terminal.joined()).toMatch(/^credctl: /m);
    await expectOrdinaryMode(terminal);
  });

  it('is exit 3 where there is nothing to pick, with what to do', async () => {
    const { terminal } = await sitDown({ columns: 120 });
    await terminal.run('credctl edit');
    expect(await terminal.ended()).toBe(3);
    const seen = await terminal.joined();
    expect(seen).toContain('there is no store yet');
    expect(seen).toContain('the store has no credentials');
    expect(seen).toContain("create one with 'credctl create'");
  });

  it.each(['--no-input', '--json'])('is exit 2 with %s, as without a terminal', async (flag) => {
    const { session, terminal } = await withCredentials();
    for (const line of ['show', 'edit', 'activate', 'deactivate', 'delete', 'keychain delete']) {
      await terminal.run(`clear; credctl ${line} ${flag}`);
      expect(await terminal.ended(), line).toBe(2);
      const { message, hint } = await session.refused(2, line.split(' '));
      expect(message).toBe("missing required argument 'name'");
      expect(hint).toMatch(new RegExp(`^credctl ${line} NAME`));
    }
    expect((await session.refused(2, ['rotate'])).message).toBe('rotate needs a name');
  });

  it('shows what works in green, unless there are no colours', async () => {
    const { terminal } = await withCredentials();
    await terminal.run('credctl show');
    await terminal.see('c-bot');
    expect(await terminal.coloured()).toContain('\u001b[32mactive');
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    await terminal.run('clear; credctl show --no-color');
    await terminal.see('c-bot');
    expect(await terminal.coloured()).not.toContain('\u001b[3');
  });

  it('fits a narrow window: what matters least is left out', async () => {
    const { session, terminal } = await sitDown({ columns: 30 });
    await session.issue('a-name/that-is-longer/than-one-row-is');
    await terminal.run('credctl show');
    const seen = await terminal.see('> a-name');
    expect(seen).toMatch(/^> a-name\S*…\S*-row-is {2}active$/m);
    expect(seen).toContain('name:\na-name/that-is-longer/than-on\ne-row-is');
  });
});

describe('a small window', () => {
  it.each([
    [20, 8],
    [30, 4],
    [40, 6],
  ])('of %i × %i keeps the question and the marked row', async (columns, rows) => {
    const { session, terminal } = await sitDown({ columns, rows });
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await session.issue(`${name}-bot`);
    await terminal.run('credctl show');
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      expect(await terminal.see(new RegExp(`^> ${name}-bot`, 'm'))).toMatch(/^\? Credential to/m);
      await terminal.press('Down');
    }
    await terminal.type('c-');
    expect(await terminal.see(/^> c-bot/m)).toMatch(/^\? Credential to/m);
    await terminal.press('Escape');
    expect(await terminal.see(/^> a-bot/m)).toMatch(/^\? Credential to/m);
  });
});

describe('owner create', () => {
  it('asks for the kind', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run('credctl owner create ann');
    await terminal.see(/Kind[\s\S]*> service/);
    await terminal.press('Down', 'Enter');
    expect(await terminal.ended()).toBe(0);
    expect(JSON.parse(await session.ok('owner', 'show', 'ann', '--json')).owner.kind).toBe('user');
    await terminal.run('credctl owner create bob');
    await terminal.see(/Kind[\s\S]*> service/);
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    const { hint } = await session.refused(2, ['owner', 'create', 'bob']);
    expect(hint).toBe('add --kind service or --kind user');
  });
});
