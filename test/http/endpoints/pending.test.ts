import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bundled, bundled } from '../../support/build/bundled.js';
import { openSession, type Session } from '../../support/program/run.js';
import { bearer, startServer } from '../../support/servers/server.js';
import { onlySecretIn } from '../../support/stores/store-probe.js';

let killed: Bundled;

beforeAll(async () => {
  killed = await bundled('faults/killed-at-step.ts', ['no step', '--version']);
});
afterAll(() => killed.remove());

interface Shown {
  readonly state: string;
  readonly lapses_at: string | null;
  readonly last_used_at: string | null;
}

async function versions(session: Session): Promise<readonly Shown[]> {
  const { credential } = JSON.parse(await session.ok('show', 'ci-bot', '--json')) as {
    credential: { versions: readonly Shown[] };
  };
  return credential.versions;
}

it('takes the first use of a secret whose delivery was cut off as proof of it, before it answers', async () => {
  const session = await openSession();
  await session.ok('store', 'init');
  const { stdout } = await session.sh(
    `'${process.execPath}' '${killed.file}' delivered create ci-bot --type api-key --scope data:users`,
  );
  const secret = onlySecretIn(stdout);
  expect(await versions(session)).toMatchObject([{ state: 'pending', last_used_at: null }]);
  const server = await startServer(session);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => server.send('/rest/v1/auth/test', { headers: bearer(secret) })),
  );
  server.child.kill('SIGKILL');
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const [version] = await versions(session);
  expect(version?.last_used_at, 'nothing is lost with the server').not.toBeNull();
  const { code } = JSON.parse(
    (await session.run(['create', 'ci-bot', '--scope', 'data:users', '--json'])).stderr,
  ).error;
  expect(code, 'the name is held by somebody who has the secret').toBe('conflict');
});

it('goes on with the old secret after a rotation that was cut off, until the new one is used', async () => {
  const session = await openSession();
  const old = await session.issue('ci-bot');
  const server = await startServer(session);
  const status = async (secret: string) =>
    (await server.send('/rest/v1/auth/test', { headers: bearer(secret) })).status;
  expect(await status(old)).toBe(200);
  const { stdout } = await session.sh(
    `'${process.execPath}' '${killed.file}' committed rotate ci-bot --output new.txt`,
  );
  expect(stdout).toBe('');
  expect(await status(old)).toBe(200);
  const { stdout: received } = await session.sh(
    `'${process.execPath}' '${killed.file}' delivered rotate ci-bot -q`,
  );
  expect([await status(onlySecretIn(received)), await status(old)]).toEqual([200, 200]);
});
