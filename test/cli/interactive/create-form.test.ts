import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../support/dependencies/presented.js';
import { expectOrdinaryMode, KEYS, names, secretShown, sitDown } from './seated.js';

/** What a credential is, as far as a form decides it. */
async function shape(session: Awaited<ReturnType<typeof sitDown>>['session'], name: string) {
  const { credential } = JSON.parse(await session.ok('show', name, '--json'));
  return { type: credential.type, scopes: credential.scopes, owner: credential.owner };
}

describe('create without arguments asks for all that is missing', () => {
  it('with the Moveworks catalog: name, type, scopes with a live count, owner', async () => {
    const { session, terminal } = await sitDown();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    await session.ok('owner', 'create', 'ann', '--kind', 'user');
    await terminal.run('credctl create');
    await terminal.see('Name');
    await terminal.type('crm-sync');
    await terminal.press('Enter');
    const types = await terminal.see('API key');
    expect(types.indexOf('OAuth 2.0 (recommended)')).toBeLessThan(types.indexOf('API key'));
    await terminal.press('Enter');
    await terminal.see('Data API (0/5 selected)');
    await terminal.press('Down', 'Space');
    await terminal.see('Data API (1/5 selected)');
    await terminal.press('Down', 'Down', 'Space');
    await terminal.see('Data API (2/5 selected)');
    await terminal.press('Space');
    await terminal.see('Data API (1/5 selected)');
    await terminal.press('Tab', 'Space');
    await terminal.see('Events API (1/1 selected)');
    await terminal.press('Enter');
    const owners = await terminal.see(/Owner[\s\S]*person/);
    expect(owners.indexOf('crm (service account)')).toBeLessThan(owners.indexOf('ann (person)'));
    await terminal.press('Down', 'Enter');
    const secret = await secretShown(terminal);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await shape(session, 'crm-sync')).toEqual({
      type: 'oauth2',
      scopes: ['data:conversations', 'events:*'],
      owner: 'crm',
    });
    expect(await verdictOn(session, secret)).toBe('valid');
  });

  it('with the mParticle catalog: resources where there is a choice, the only one by itself', async () => {
    const { session, terminal } = await sitDown();
    await session.ok('catalog', 'use', 'mparticle', '--yes');
    await terminal.run('credctl create');
    await terminal.see('Name');
    await terminal.type('profiles');
    await terminal.press('Enter');
    await terminal.see('API key');
    await terminal.press('Enter');
    await terminal.see('Profile API (0/1 selected)');
    await terminal.press('Right', 'Down', 'Down', 'Space', 'Tab', 'Right', 'Down', 'Down', 'Down', 'Space');
    await terminal.see('Platform API (1/2 selected)');
    await terminal.press('Enter');
    const resources = await terminal.see(/Resources for Profile API[\s\S]*org\/example-org/);
    expect(resources.indexOf('workspace/production')).toBeLessThan(resources.indexOf('account/'));
    await terminal.press('Enter');
    await terminal.see('select at least one');
    await terminal.press('Space', 'Down', 'Space');
    await terminal.see('[x] workspace/production');
    await terminal.press('Enter');
    await secretShown(terminal);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.joined()).toContain('selected account/example-account for platform:user');
    expect((await shape(session, 'profiles')).scopes).toEqual([
      'platform:user@account/example-account',
      'profile:read@workspace/development',
      'profile:read@workspace/production',
    ]);
  });

  it('offers only the APIs that admit the type, and goes back where there is none', async () => {
    const { session, terminal } = await sitDown();
    await session.ok('catalog', 'use', 'mparticle', '--yes');
    await terminal.run('credctl create gateway');
    await terminal.see('API key');
    await terminal.press('Down', 'Enter');
    await terminal.see('No API of this catalog allows API keys');
    await terminal.press('Enter');
    await terminal.see(/^> OAuth 2.0/m);
    await terminal.press('Down', 'Enter');
    await terminal.see('> choose another type');
    await terminal.press('Down', 'Enter');
    expect(await terminal.see('credctl (0/2 selected)')).not.toMatch(/Profile|Platform|Planning/);
    await terminal.press('Down', 'Space', 'Enter');
    await secretShown(terminal);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await shape(session, 'gateway')).toMatchObject({
      type: 'api-key',
      scopes: ['credctl:introspect'],
    });
  });

  it('asks for nothing that was given', async () => {
    const { session, terminal } = await sitDown();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    await terminal.run('credctl create --type api-key --scope data:users --owner crm --reveal inline');
    await terminal.see('Name');
    await terminal.type('bot');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.joined()).not.toMatch(/Type|Scopes|Owner/);
    expect(await shape(session, 'bot')).toEqual({ type: 'api-key', scopes: ['data:users'], owner: 'crm' });
    await terminal.run('credctl create bot-2 --scope data:users --reveal inline');
    expect(await terminal.ended(), 'nothing is missing').toBe(0);
  });

  it('checks the name as it is typed, and refuses one that is taken', async () => {
    const { session, terminal } = await sitDown();
    await session.issue('ci-bot');
    await terminal.run('credctl create --type api-key --scope data:users');
    await terminal.see('Name');
    await terminal.type('Ci Bot');
    await terminal.see('contains " " at position 3');
    await terminal.press('C-u');
    await terminal.type('CI-bot');
    await terminal.press('Enter');
    await terminal.see('the name "ci-bot" is taken');
    await terminal.type('2');
    await terminal.press('Enter');
    await secretShown(terminal);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await names(session)).toEqual(expect.arrayContaining(['ci-bot', 'CI-bot2']));
  });

  it('wants at least one scope, and turns All into its parts when one is taken away', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run('credctl create bot --type api-key');
    await terminal.see('Data API (0/5 selected)');
    await terminal.press('Enter');
    await terminal.see('select at least one');
    await terminal.press('Space');
    await terminal.see('Data API (5/5 selected)');
    await terminal.press('Down', 'Space');
    expect(await terminal.see('Data API (4/5 selected)')).toContain('[ ] All');
    await terminal.press('Enter');
    await secretShown(terminal);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect((await shape(session, 'bot')).scopes).toHaveLength(4);
  });
});

describe('at every prompt', () => {
  const PROMPTS: readonly (readonly [prompt: string, flags: string, shown: RegExp])[] = [
    ['the name', '', /Name/],
    ['the type', 'bot', /API key/],
    ['the scopes', 'bot --type oauth2', /Data Planning API \(0\/2 selected\)/],
    ['the resources', 'bot --type oauth2', /Resources for Profile API/],
    ['the owner', 'bot --scope platform:user', /Owner[\s\S]*none/],
  ];

  it.each(PROMPTS)('Ctrl-C at %s is exit 130 and changes nothing', async (prompt, flags, shown) => {
    const { session, terminal } = await sitDown();
    await session.ok('catalog', 'use', 'mparticle', '--yes');
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    const before = await session.ok('audit');
    // Scopes that are given leave nothing to ask for but the name, and then the owner.
    const line =
      prompt === 'the owner'
        ? 'credctl create --type oauth2 --scope platform:user'
        : `credctl create ${flags}`;
    await terminal.run(line);
    if (prompt === 'the owner') {
      await terminal.see('Name');
      await terminal.type('bot');
      await terminal.press('Enter');
    }
    if (prompt === 'the resources') {
      await terminal.see('Profile API (0/1 selected)');
      await terminal.press('Space', 'Enter');
    }
    await terminal.see(shown);
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    expect(await terminal.joined()).toContain('interrupted; nothing was changed');
    expect(await session.ok('audit')).toBe(before);
    await expectOrdinaryMode(terminal);
  });

  it('makes no store when it is called off', async () => {
    const { session, terminal } = await sitDown();
    for (const key of ['C-c', 'C-d']) {
      await terminal.run('credctl create');
      await terminal.see('Name');
      await terminal.press(key);
      expect(await terminal.ended(), key).toBe(130);
    }
    expect((await session.sh(`test -e '${session.workspace.defaultStore}'`)).exitCode).toBe(1);
  });

  it('a signal ends it with the terminal as it was', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run('sh -c "echo \\$\\$ > pid; exec credctl create"');
    await terminal.see('Name');
    await session.sh('kill -TERM "$(cat pid)"');
    expect(await terminal.ended()).toBe(143);
    await expectOrdinaryMode(terminal);
  });
});

describe('a form fits', () => {
  it.each([40, 200])('%i columns', async (columns) => {
    const { session, terminal } = await sitDown({ columns });
    await terminal.run('credctl create');
    await terminal.see('Name');
    await terminal.type('a-name/that-is-longer/than-one-of-the-rows');
    await terminal.press('Enter');
    await terminal.see('API key');
    await terminal.press('Enter');
    await terminal.see('Data API (0/5 selected)');
    await terminal.press(...Array.from({ length: 7 }, () => 'Down'), 'Up', 'Space');
    const seen = await terminal.see('Events API (1/1 selected)');
    expect(seen.split('\n').filter((line) => line.includes('Events API ('))).toHaveLength(1);
    const list = seen.slice(seen.indexOf('Scopes'));
    expect(Math.max(...list.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
    await terminal.press('Enter');
    expect((await secretShown(terminal)).length).toBeGreaterThan(61);
    expect(await terminal.screen()).toContain(KEYS);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await names(session)).toEqual(['a-name/that-is-longer/than-one-of-the-rows']);
  });

  it('has no colours with --no-color and with NO_COLOR, and some without', async () => {
    const { terminal } = await sitDown();
    const colours = async (line: string): Promise<boolean> => {
      await terminal.run(line);
      await terminal.see('Name');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with a control character
      const has = /\u001b\[[0-9;]*[1-9]m/.test(await terminal.coloured());
      await terminal.press('C-c');
      await terminal.ended();
      return has;
    };
    expect(await colours('credctl create --no-color')).toBe(false);
    expect(await colours('NO_COLOR=1 credctl create')).toBe(false);
    expect(await colours('credctl create')).toBe(true);
  });
});
