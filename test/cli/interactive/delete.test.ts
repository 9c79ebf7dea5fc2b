import { describe, expect, it } from 'vitest';
import { names, sitDown } from './seated.js';

describe('delete', () => {
  it('asks for the name to be typed', async () => {
    const { session, terminal } = await sitDown();
    await session.issue('ci-bot');
    await terminal.run('credctl delete ci-bot');
    await terminal.see('Type ci-bot');
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    await terminal.wipe();
    await terminal.run('credctl delete ci-bot');
    await terminal.see('Type ci-bot');
    await terminal.type('ci-bo');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(2);
    expect(await names(session)).toEqual(['ci-bot']);
    await terminal.wipe();
    await terminal.run('credctl delete ci-bot');
    await terminal.see('Type ci-bot');
    await terminal.type('ci-bot');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await names(session)).toEqual([]);
  });

  it('deletes nothing that has got the name while it asked', async () => {
    const { session, terminal } = await sitDown({ columns: 120 });
    await session.issue('ci-bot');
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    await terminal.run('credctl delete ci-bot');
    await terminal.see('Type ci-bot');
    await session.ok('delete', 'ci-bot', '--yes');
    await session.issue('ci-bot');
    await terminal.type('ci-bot');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(3);
    expect(await terminal.joined()).toMatch(
      /no credential "[0-9a-f-]{36}": it belonged to ci-bot, which was/,
    );
    expect(await names(session)).toEqual(['ci-bot']);
    await terminal.wipe();
    await terminal.run('credctl owner delete crm');
    await terminal.see('Type crm');
    await session.ok('owner', 'delete', 'crm', '--yes');
    await session.ok('owner', 'create', 'crm', '--kind', 'user');
    await terminal.type('crm');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(3);
    expect(await session.ok('owner', 'list')).toContain('crm');
  });

  it('says first what does not exist, asks about the others, and says each once', async () => {
    const { session, terminal } = await sitDown({ columns: 120 });
    await session.issue('ci-bot');
    await session.ok('deactivate', 'ci-bot');
    await terminal.run('credctl delete nosuch ci-bot');
    const asked = await terminal.see('Type ci-bot');
    expect(asked).toMatch(
      /credctl: no credential "nosuch"[\s\S]*none works now, so nothing stops:\n {2}ci-bot, inactive/,
    );
    expect(asked).not.toContain('Type nosuch');
    await terminal.type('ci-bot');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(7);
    expect((await terminal.joined()).match(/no credential "nosuch"/g)).toHaveLength(1);
    expect(await names(session)).toEqual([]);
  });

  it('asks nothing where nothing of it exists', async () => {
    const { session, terminal } = await sitDown({ columns: 120 });
    await session.issue('ci-bot');
    await terminal.run('credctl delete nosuch neither');
    expect(await terminal.ended()).toBe(3);
    expect(await terminal.joined()).toContain('no credential "nosuch"; no credential "neither"');
  });

  it('of owners does so, too', async () => {
    const { session, terminal } = await sitDown({ columns: 120 });
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    await terminal.run('credctl owner delete nosuch crm');
    const asked = await terminal.see('Type crm');
    expect(asked).toContain('no owner "nosuch"');
    expect(asked).not.toContain('Type nosuch');
    await terminal.type('crm');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(7);
    expect((await terminal.joined()).match(/no owner "nosuch"/g)).toHaveLength(1);
    const { owners } = JSON.parse(await session.ok('owner', 'list', '--json'));
    expect(owners).toEqual([]);
    await terminal.run('clear; credctl owner delete nosuch neither');
    expect(await terminal.ended()).toBe(3);
  });
});
