import { describe, expect, it } from 'vitest';
import { openSession } from '../../../support/program/run.js';

describe('a word that means something else here', () => {
  it.each(['ls', 'list'])('catalog %s leads to catalog show', async (word) => {
    const session = await openSession();
    const { hint } = await session.refused(2, ['catalog', word]);
    expect(hint).toBe("here it is 'credctl catalog show'");
  });

  it('edit of an owner, where nothing can be asked, says that it is one', async () => {
    const session = await openSession();
    await session.ok('owner', 'create', 'team', '--kind', 'service');
    const { message, hint } = await session.refused(3, ['edit', 'team']);
    expect(message).toBe('no credential "team"');
    expect(hint).toContain('is an owner');
    await session.issue('bot');
    expect((await session.refused(2, ['edit', 'bot'])).message).toBe('nothing to change was given');
  });
});
