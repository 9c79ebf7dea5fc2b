import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../support/dependencies/presented.js';
import { onlySecretIn } from '../../support/stores/store-probe.js';
import { names, sitDown } from './seated.js';

const CREATE = 'TERM=dumb credctl create ci-bot --type api-key --scope data:users';
const QUESTION = /Print it anyway\?/;

describe('a terminal without an alternate screen', () => {
  it('says so, and prints the secret in the normal flow after a yes', async () => {
    const { session, terminal } = await sitDown({ columns: 120 });
    await terminal.run(CREATE);
    expect(await terminal.see(QUESTION)).toContain('no alternate screen');
    expect(await names(session), 'nothing is issued before the answer').toEqual([]);
    await terminal.type('y');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    const seen = await terminal.joined();
    expect(await verdictOn(session, onlySecretIn(seen))).toBe('valid');
    expect(seen).toContain('keep the secret now');
  });

  it.each([
    ['a no', ['n', 'Enter']],
    ['no answer', ['Enter']],
    ['Ctrl-C', ['C-c']],
    ['Ctrl-D', ['C-d']],
  ])('issues nothing after %s, exit 130', async (_, keys) => {
    const { session, terminal } = await sitDown({ columns: 120 });
    await terminal.run(CREATE);
    await terminal.see(QUESTION);
    await terminal.press(...keys);
    expect(await terminal.ended()).toBe(130);
    expect(await terminal.joined()).toContain('nothing was changed');
    expect(await names(session)).toEqual([]);
  });

  it.each(['linux', 'vt100', "''"])('is one of type %s', async (type) => {
    const { terminal } = await sitDown({ columns: 120 });
    await terminal.run(CREATE.replace('dumb', type));
    await terminal.see(QUESTION);
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
  });

  it('is not asked with --yes or --reveal inline', async () => {
    const { terminal } = await sitDown({ columns: 120 });
    await terminal.run(`${CREATE} --yes`);
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.joined()).not.toMatch(QUESTION);
    await terminal.run(`${CREATE.replace('ci-bot', 'ci-bot-2')} --reveal inline`);
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.joined()).not.toMatch(QUESTION);
  });

  it('is too small a window as well', async () => {
    const { session, terminal } = await sitDown({ columns: 20, rows: 6 });
    await terminal.run('credctl create ci-bot --scope data:users');
    await terminal.see(/Print\s+it\s+anyway/);
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    expect(await names(session)).toEqual([]);
  });
});

describe('a terminal that only adds lines', () => {
  it('asks the same questions, without moving its cursor', async () => {
    const { session, terminal } = await sitDown({ columns: 120, rows: 50 });
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    await terminal.run('TERM=dumb credctl create --reveal inline');
    await terminal.see('Name');
    await terminal.type('not a name');
    await terminal.press('Enter');
    await terminal.see('> the credential name contains');
    await terminal.type('crm-sync');
    await terminal.press('Enter');
    await terminal.see('Type (1 to 2) [1]');
    await terminal.type('3');
    await terminal.press('Enter');
    await terminal.see('> type a number from 1 to 2');
    await terminal.press('Enter');
    await terminal.see('Scopes (');
    await terminal.press('Enter');
    await terminal.see('> select at least one');
    await terminal.type('2 3, 7');
    await terminal.press('Enter');
    const seen = await terminal.see('Data API (2/5 selected)');
    expect(seen).toContain('Data API (0/5 selected)');
    expect(seen).toContain('Events API (1/1 selected)');
    await terminal.press('Enter');
    await terminal.see('Owner (1 to 2) [1]');
    await terminal.type('2');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    const { credential } = JSON.parse(await session.ok('show', 'crm-sync', '--json'));
    expect(credential).toMatchObject({
      type: 'oauth2',
      scopes: ['data:conversations', 'data:interactions', 'events:*'],
      owner: 'crm',
    });
  });

  it('edits with what stands there kept by Enter, and removed by a dash', async () => {
    const { session, terminal } = await sitDown({ columns: 120, rows: 50 });
    await session.issue('ci-bot', '--description', 'a note', '--rotate-every', '90d');
    await terminal.run('TERM=dumb credctl edit ci-bot');
    await terminal.see('Name [ci-bot; - for none]');
    await terminal.press('Enter');
    await terminal.see('Scopes (');
    await terminal.press('Enter');
    await terminal.see('[a note; - for none]');
    await terminal.type('-');
    await terminal.press('Enter');
    await terminal.see('Labels');
    await terminal.press('Enter');
    await terminal.see('Expires');
    await terminal.press('Enter');
    await terminal.see('[90d; - for none]');
    await terminal.press('Enter');
    await terminal.see('Status (1 to 2) [1]');
    await terminal.press('Enter');
    await terminal.see('Save? (Y/n)');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    const { credential } = JSON.parse(await session.ok('show', 'ci-bot', '--json'));
    expect(credential).toMatchObject({ description: null, rotate_every: '90d', revision: 2 });
  });

  it('lists what matches a text, with numbers to choose by', async () => {
    const { session, terminal } = await sitDown({ columns: 120, rows: 50 });
    await session.issue('ci-bot');
    await session.issue('cd-bot');
    await terminal.run('TERM=dumb credctl deactivate');
    await terminal.see('Credential to deactivate (type a text to search, or press enter for the first ones)');
    await terminal.type('nobody');
    await terminal.press('Enter');
    await terminal.see('> nothing matches "nobody"');
    await terminal.type('bot');
    await terminal.press('Enter');
    const seen = await terminal.see('Credential to deactivate (1 to 2, or another text)');
    expect(seen).toContain('1) cd-bot, active, never used\n2) ci-bot, active, never used\n');
    await terminal.type('2');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.joined()).toMatch(/^deactivated ci-bot$/m);
  });

  it('takes several resources by their numbers', async () => {
    const { session, terminal } = await sitDown({ columns: 120, rows: 50 });
    await session.ok('catalog', 'use', 'mparticle', '--yes');
    await terminal.run('TERM=dumb credctl create p --type oauth2 --reveal inline');
    await terminal.see('Scopes (');
    await terminal.type('2');
    await terminal.press('Enter');
    await terminal.see('Profile API (1/1 selected)');
    await terminal.press('Enter');
    await terminal.see('Resources for Profile API (numbers, with spaces between)');
    await terminal.press('Enter');
    await terminal.see('> type numbers from 1 to 4');
    await terminal.type('1 2');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    const { credential } = JSON.parse(await session.ok('show', 'p', '--json'));
    expect(credential.scopes).toEqual([
      'profile:read@workspace/development',
      'profile:read@workspace/production',
    ]);
  });

  it.each(['C-c', 'C-d'])('%s at a question is exit 130', async (key) => {
    const { session, terminal } = await sitDown();
    await terminal.run('TERM=dumb credctl create');
    await terminal.see('Name');
    await terminal.press(key);
    expect(await terminal.ended()).toBe(130);
    expect((await session.sh(`test -e '${session.workspace.defaultStore}'`)).exitCode).toBe(1);
  });
});
