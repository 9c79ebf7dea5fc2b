import { describe, expect, it } from 'vitest';
import { clockAhead } from '../../support/dependencies/wrong-clock.js';
import type { PseudoTerminal } from '../../support/program/pseudo-terminal.js';
import { expectOrdinaryMode, names, type Seated, sitDown } from './seated.js';

/** What every field of the form begins with, in their order. */
const FIELDS = [
  'Name',
  'Scopes',
  'Owner',
  'Description',
  'Labels',
  'Expires',
  'Rotate every',
  'Status',
] as const;

/** A credential with everything that the form shows. */
async function withCredential(): Promise<Seated> {
  const seated = await sitDown();
  const { session } = seated;
  await session.ok('owner', 'create', 'crm', '--kind', 'service');
  await session.ok('owner', 'create', 'sales', '--kind', 'service');
  await session.issue(
    'ci-bot',
    '--scope',
    'events:*',
    '--owner',
    'crm',
    '--description',
    'one\ntwo \\n three',
    '--expires-at',
    '2040-01-01T00:00:00Z',
    '--rotate-every',
    '90d',
    '--label',
    'env=a,b',
    '--label',
    'team=crm',
  );
  return seated;
}

/** Waits for a field of the form. */
function field(terminal: PseudoTerminal, name: (typeof FIELDS)[number]): Promise<string> {
  return terminal.see(new RegExp(`\\? ${name}[\\s\\S]*\\S`));
}

async function facts({ session }: Seated, name: string) {
  return JSON.parse(await session.ok('show', name, '--json')).credential;
}

describe('edit without flags opens the form', () => {
  it('filled in, and changes nothing when nothing was changed', async () => {
    const seated = await withCredential();
    const { session, terminal } = seated;
    const before = await facts(seated, 'ci-bot');
    const trail = await session.ok('audit');
    await terminal.run('credctl edit ci-bot');
    const shown = [
      'ci-bot',
      'Data API (1/5 selected)',
      '> crm',
      'one\\ntwo \\\\n three',
      'env=a\\,b, team=crm',
      '2040-01-01',
      '90d',
      '> active',
    ];
    for (const [index, name] of FIELDS.entries()) {
      if (name === 'Owner') await terminal.see('sales');
      else await field(terminal, name);
      await terminal.see(shown[index] ?? '');
      if (name === 'Scopes') await terminal.see('Events API (1/1 selected)');
      await terminal.press('Enter');
    }
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.screen()).toContain('nothing was changed');
    expect(await facts(seated, 'ci-bot')).toEqual(before);
    expect(await session.ok('audit')).toBe(trail);
  });

  it('and changes what was changed in it', async () => {
    const seated = await withCredential();
    const { terminal } = seated;
    await terminal.run('credctl edit ci-bot --reason "ticket 42"');
    await field(terminal, 'Name');
    await terminal.type('-2');
    await terminal.press('Enter');
    await terminal.see('Data API (1/5 selected)');
    await terminal.press('Space');
    await terminal.see('Data API (5/5 selected)');
    await terminal.press('Tab', 'Space', 'Enter');
    await terminal.see(/Owner[\s\S]*sales/);
    await terminal.press('Up', 'Enter');
    await field(terminal, 'Description');
    await terminal.press('C-u');
    await terminal.type('first\\nsecond');
    await terminal.press('Enter');
    await field(terminal, 'Labels');
    await terminal.press('C-u');
    await terminal.type('team=crm, stage');
    await terminal.press('Enter');
    await terminal.see('the label "stage" has no');
    await terminal.type('=new');
    await terminal.press('Enter');
    await field(terminal, 'Expires');
    await terminal.press('C-u');
    await terminal.type('soon');
    await terminal.press('Enter');
    await terminal.see('"soon" is neither a duration, such as 90d, nor a time');
    await terminal.press('C-u', 'Enter');
    await field(terminal, 'Rotate every');
    await terminal.press('C-u');
    await terminal.type('30d');
    await terminal.press('Enter');
    await terminal.see(/Status[\s\S]*inactive/);
    await terminal.press('Down', 'Enter');
    const summary = await terminal.see('Save? (Y/n)');
    expect(summary).toContain('Changes of ci-bot:\n  name: ci-bot → ci-bot-2\n');
    expect(summary).toContain('labels: +stage=new -env=a,b');
    expect(summary).toContain('status: active → inactive\n1 credential stops: ci-bot, never used\n');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.joined()).toMatch(/changed ci-bot-2: .*status active → inactive \(revision 3\)/);
    expect(await facts(seated, 'ci-bot-2')).toMatchObject({
      status: 'inactive',
      labels: { stage: 'new', team: 'crm' },
      scopes: ['data:*'],
      owner: null,
      description: 'first\nsecond',
      expires_at: null,
      rotate_every: '30d',
      revision: 3,
    });
  });

  it('and counts no expiry from a clock that the audit trail contradicts', async () => {
    const { session, terminal } = await withCredential();
    await session.run(['owner', 'create', 'late', '--kind', 'service'], { env: clockAhead(3_600_000) });
    await terminal.run('credctl edit ci-bot');
    for (const name of FIELDS) {
      await field(terminal, name);
      if (name === 'Expires') {
        await terminal.press('C-u');
        await terminal.type('90d');
      }
      await terminal.press('Enter');
    }
    await terminal.see('Save? (Y/n)');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(5);
    expect(await terminal.screen()).toContain("this machine's clock says");
  });

  it('and Ctrl-C at every field is exit 130 and changes nothing', async () => {
    const seated = await withCredential();
    const { session, terminal } = seated;
    const before = await facts(seated, 'ci-bot');
    for (const [index, last] of FIELDS.entries()) {
      await terminal.run('credctl edit ci-bot');
      for (const name of FIELDS.slice(0, index)) {
        await field(terminal, name);
        if (name === 'Name') await terminal.type('-2');
        await terminal.press('Enter');
      }
      await field(terminal, last);
      await terminal.press('C-c');
      expect(await terminal.ended(), last).toBe(130);
    }
    expect(await facts(seated, 'ci-bot')).toEqual(before);
    expect(await names(session)).toEqual(['ci-bot']);
    await expectOrdinaryMode(terminal);
  });

  it('and keeps each resource that is held', async () => {
    const seated = await sitDown();
    const { session, terminal } = seated;
    await session.ok('catalog', 'use', 'mparticle', '--yes');
    const scopes = ['profile:read@workspace/development', 'profile:read@workspace/production'];
    await session.ok('create', 'p', ...scopes.flatMap((scope) => ['--scope', scope]), '-q');
    await terminal.run('credctl edit p');
    await field(terminal, 'Name');
    await terminal.press('Enter');
    await terminal.see('Profile API on workspace/production (1/1 selected)');
    await terminal.press('Tab', 'Space');
    await terminal.see('workspace/production (1/1 selected)');
    await terminal.press('Space');
    await terminal.see('workspace/production (0/1 selected)');
    await terminal.press('Enter');
    await field(terminal, 'Description');
    await terminal.press('Enter');
    await field(terminal, 'Labels');
    await terminal.press('Enter');
    await field(terminal, 'Expires');
    await terminal.press('Enter');
    await field(terminal, 'Rotate every');
    await terminal.press('Enter');
    await field(terminal, 'Status');
    await terminal.press('Enter');
    await terminal.see('Save?');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect((await facts(seated, 'p')).scopes).toEqual(['profile:read@workspace/development']);
  });

  it('and refuses to overwrite what somebody else changed meanwhile', async () => {
    const { session, terminal } = await withCredential();
    await terminal.run('credctl edit ci-bot');
    await field(terminal, 'Name');
    await session.ok('edit', 'ci-bot', '--description', 'changed meanwhile');
    await terminal.type('-2');
    for (const name of FIELDS) {
      await field(terminal, name);
      await terminal.press('Enter');
    }
    await terminal.see('Save?');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(5);
    expect(await names(session)).toEqual(['ci-bot']);
  });

  it.each([
    ['a no', ['n', 'Enter']],
    ['Ctrl-C', ['C-c']],
  ])('and saves nothing after %s to the summary, exit 130', async (_, keys) => {
    const seated = await withCredential();
    const { terminal } = seated;
    const before = await facts(seated, 'ci-bot');
    await terminal.run('credctl edit ci-bot');
    await field(terminal, 'Name');
    await terminal.type('-2');
    for (const name of FIELDS) {
      await field(terminal, name);
      await terminal.press('Enter');
    }
    await terminal.see('Save? (Y/n)');
    await terminal.press(...keys);
    expect(await terminal.ended()).toBe(130);
    expect(await terminal.screen()).toContain('nothing was changed');
    expect(await facts(seated, 'ci-bot')).toEqual(before);
  });

  it('only where somebody can be asked', async () => {
    const { session, terminal } = await withCredential();
    await session.refused(2, ['edit', 'ci-bot']);
    await terminal.run('credctl edit ci-bot --no-input');
    expect(await terminal.ended()).toBe(2);
  });
});
