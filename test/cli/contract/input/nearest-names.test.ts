import { describe, expect, it } from 'vitest';
import { openSession } from '../../../support/program/run.js';

describe('the name of a credential', () => {
  it.each([
    ['show', 'ci-bto'],
    ['rotate', 'cibot'],
    ['edit', 'CI-bit', '--description', 'x'],
    ['deactivate', 'ci-bott'],
    ['delete', 'ci-b', '--yes'],
  ])('%s %s: what does not exist is exit 3, and the nearest name is in the hint', async (...argv) => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.issue('cron');
    const { hint } = await session.refused(3, argv);
    expect(hint).toContain('did you mean "ci-bot"?');
  });

  it('that resembles none is answered without a guess', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    expect((await session.refused(3, ['show', 'completely-different'])).hint).not.toContain('did you mean');
  });
});
