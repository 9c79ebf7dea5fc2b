import { describe, expect, it } from 'vitest';
import { openSession } from '../../../support/program/run.js';

describe('a secret that was typed as an argument', () => {
  it.each([
    ['where a command belongs', (secret: string) => [secret]],
    ['of a flag that there is not', (secret: string) => ['verify', '--secret', secret]],
    ['joined to such a flag', (secret: string) => ['verify', `--secret=${secret}`]],
    ['of a command that there is not', (secret: string) => ['revoke', secret]],
    ['as the name of something new', (secret: string) => ['create', secret, '--scope', 'data:users']],
    ['as a description', (secret: string) => ['edit', 'bot', '--description', `it is ${secret}`]],
    ['as a reason', (secret: string) => ['deactivate', 'bot', '--reason', secret]],
    ['where a name belongs', (secret: string) => ['show', secret]],
    ['to verify', (secret: string) => ['verify', secret]],
  ])('%s is refused with what to do about the history, and not repeated', async (_where, argv) => {
    const session = await openSession();
    const secret = await session.issue('bot');
    const { hint, stderr } = await session.refused(2, argv(secret));
    expect(hint).toContain("the secret may now be in your shell's history: rotate it");
    expect(hint?.split('history')).toHaveLength(2);
    expect(stderr).not.toContain(secret.slice(-20));
  });

  it('of the command after -- is no concern of this program', async () => {
    const session = await openSession();
    const secret = await session.issue('bot');
    const { hint } = await session.refused(3, ['run', 'none', '--', 'echo', secret]);
    expect(hint).not.toContain('history');
  });
});
