import { describe, expect, it } from 'vitest';
import { openSession } from '../../../support/program/run.js';
import { credentialDocument } from './shapes.js';

describe('credctl edit', () => {
  it('says what it has changed', async () => {
    const session = await openSession();
    await session.ok('owner', 'create', 'ada', '--kind', 'service');
    await session.ok('owner', 'create', 'bob', '--kind', 'service');
    await session.issue('web-shop', '--owner', 'ada', '--label', 'tier=1');
    const said = async (...flags: readonly string[]) => {
      const { stdout, stderr, exitCode } = await session.run(['edit', 'web-shop', ...flags]);
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
      return stderr;
    };
    expect(
      await said('--add-scope', 'events:messages', '--remove-scope', 'data:users', '--owner', 'bob'),
    ).toBe('changed web-shop: scopes +events:messages -data:users; owner ada → bob (revision 2)\n');
    expect(await said('--scope', 'data:*', '--label', 'tier=2')).toBe(
      'changed web-shop: scopes +data:* -events:messages; labels +tier=2 -tier=1 (revision 3)\n',
    );
    expect(await said('--rotate-every', '90d', '--description', 'a shop')).toBe(
      'changed web-shop: description none → a shop; rotate every none → 90d (revision 4)\n',
    );
    expect(await said('--name', 'shop')).toBe('changed shop: name web-shop → shop (revision 5)\n');
  });

  it('says that there is nothing to change, and raises no revision', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    expect(await session.run(['edit', 'ci-bot', '--scope', 'data:users'])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'nothing to change: ci-bot has these values already\n',
    });
    expect((await session.json(credentialDocument, 'show', 'ci-bot')).credential.revision).toBe(1);
  });
});
