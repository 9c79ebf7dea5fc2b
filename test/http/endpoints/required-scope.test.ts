import { expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { bearer, startServer } from '../../support/servers/server.js';

it('/verify says what a required scope of its catalog lacks, and nothing of what it does not know', async () => {
  const session = await openSession();
  await session.ok('store', 'init', '--catalog', 'mparticle');
  await session.ok(
    'create',
    'ci-bot',
    '--type',
    'api-key',
    '--scope',
    'credctl:introspect',
    '--output',
    'key',
  );
  const { stdout: key } = await session.sh('cat key');
  const server = await startServer(session);
  const described = async (scope: string) => {
    const { status, text } = await server.send(`/verify?scope=${scope}`, { headers: bearer(key.trim()) });
    return [status, JSON.parse(text).error_description];
  };
  expect(await described('platform:user')).toEqual([400, 'platform:user needs an account']);
  expect(await described('credctl:introspect@account/x')).toEqual([
    400,
    'scopes of the API credctl take no resource',
  ]);
  for (const scope of ['platform:nothing', 'foo:bar', 'platform:user@account/nowhere', '%22%0d%0a'])
    expect(await described(scope), scope).toEqual([400, expect.stringMatching(/^(?:the|a) required scope /)]);
});
