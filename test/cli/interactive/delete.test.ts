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
});
