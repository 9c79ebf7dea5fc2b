import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { POSTGRES_18 } from '../../support/postgres/stores.js';
import { openTeamSession } from '../../support/postgres/verifier-login.js';
import { openSession, type Session } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { createDocument } from './output/shapes.js';

const CREATE = ['create', 'ci-bot', '--type', 'api-key', '--scope', 'data:users', '--if-not-exists'];

async function revisionAndVersions(session: Session) {
  const { stdout } = await session.run(['show', 'ci-bot', '--json']);
  const { credential } = JSON.parse(stdout);
  return { revision: credential.revision, versions: credential.versions.length };
}

describe('create --if-not-exists', () => {
  it('creates what is not there, and then does nothing', async () => {
    const session = await openSession();
    const first = await session.run([...CREATE, '--json']);
    expect(createDocument.parse(JSON.parse(first.stdout))).toMatchObject({ created: true, version: 1 });
    const again = await session.run([...CREATE, '--json']);
    expect(again).toMatchObject({ exitCode: 0, stderr: '' });
    const document = createDocument.parse(JSON.parse(again.stdout));
    expect(document).toMatchObject({ created: false, version: 1, secret: null, delivered_to: [] });
    expect(await session.run([...CREATE])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: 'ci-bot exists with these values; no secret was issued\n',
    });
    expect(await session.run([...CREATE, '-q'])).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(await revisionAndVersions(session)).toEqual({ revision: 1, versions: 1 });
  });

  it('touches no destination of an earlier secret, not even to look', async () => {
    const session = await openSession();
    const file = join(session.workspace.directory, 'key');
    expect((await session.run([...CREATE, '--output', file])).exitCode).toBe(0);
    const written = readFileSync(file, 'utf8');
    expect((await session.run([...CREATE, '--output', file])).exitCode).toBe(0);
    expect((await session.run([...CREATE, '--output', file, '--force'])).exitCode).toBe(0);
    expect((await session.run([...CREATE, '--', 'false'])).exitCode).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(written);
  });

  it.each([
    ['another type', ['--type', 'oauth2'], 'as an API key'],
    ['other scopes', ['--scope', 'data:interactions'], 'with other scopes'],
    ['an owner', ['--owner', 'ci'], 'with another owner'],
    ['a description', ['--description', 'nightly'], 'with another description'],
    ['a label', ['--label', 'env=prod'], 'with other labels'],
    ['an end', ['--expires-in', '90d'], 'with another expiry'],
    ['a policy', ['--rotate-every', '30d'], 'with another rotation policy'],
  ])('refuses %s than the credential has', async (_what, flags, words) => {
    const session = await openSession();
    await session.run(['owner', 'create', 'ci', '--kind', 'service']);
    await session.run([...CREATE]);
    const args = [...CREATE, ...flags];
    if (flags[0] === '--type') args.splice(2, 2);
    const { exitCode, stdout, stderr } = await session.run(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: '' });
    expect(stderr).toContain(`credctl: "ci-bot" exists ${words}`);
    expect(stderr).toMatch(/\nhint: .*credctl show ci-bot/);
    expect(await revisionAndVersions(session)).toEqual({ revision: 1, versions: 1 });
  });

  it('names all that differs, and compares no more than was asked for', async () => {
    const session = await openSession();
    const full = ['--label', 'env=prod', '--label', 'team=x', '--expires-in', '90d', '--rotate-every', '30d'];
    await session.run([...CREATE, ...full, '--description', 'nightly']);
    expect((await session.run([...CREATE, ...full])).exitCode).toBe(0);
    expect((await session.run([...CREATE, '--rotate-every', '720h'])).exitCode).toBe(0);
    expect((await session.run([...CREATE, '--label', 'team=x'])).exitCode).toBe(0);
    expect((await session.run(CREATE)).exitCode).toBe(0);
    const { stderr } = await session.run([...CREATE, '--rotate-every', '7d', '--description', 'daily']);
    expect(stderr).toContain('with another description, with another rotation policy');
  });

  it('says so where what exists does not work', async () => {
    const session = await openSession();
    await session.run(CREATE);
    await session.run(['deactivate', 'ci-bot']);
    const { exitCode, stderr } = await session.run(CREATE);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/note: ci-bot is inactive; .*credctl activate ci-bot/);
  });

  it('goes ahead where the first secret was never received', async () => {
    const session = await openSession();
    expect((await session.run([...CREATE, '--', 'false'])).exitCode).toBe(6);
    const { stdout } = await session.run([...CREATE, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ created: true });
  });

  it.each([
    ['SQLite', openSession],
    [POSTGRES_18.label, () => openTeamSession(POSTGRES_18)],
  ])('creates one of many at once, on %s', async (_engine, open) => {
    const session = await open();
    const runs = await Promise.all(Array.from({ length: 6 }, () => session.run([...CREATE, '--json'])));
    expect(runs.map(({ exitCode }) => exitCode)).toEqual(runs.map(() => 0));
    const documents = runs.map(({ stdout }) => createDocument.parse(JSON.parse(stdout)));
    expect(documents.filter(({ created }) => created)).toHaveLength(1);
    expect(await revisionAndVersions(session)).toEqual({ revision: 1, versions: 1 });
  });

  it.each([
    ['succeeds', 'cat > key', false],
    ['fails', 'exit 1', true],
  ])(
    'waits for another create that %s, and creates it itself only where that one has failed',
    async (_how, end, isCreated) => {
      const session = await openSession();
      await session.run(['store', 'init', '--hash', 'sha256']);
      const slow = `touch waiting; until [ -e go ]; do sleep 0.05; done; ${end}`;
      const first = session.run([...CREATE, '--', 'sh', '-c', slow], { ownProcess: true });
      await until(() => existsSync(session.workspace.path('waiting')));
      const second = session.run([...CREATE, '--json', '--output', 'own'], { ownProcess: true });
      // Long enough for the second one to have come to the name, mostly; the outcome is the same where it has not.
      await sleep(700);
      await session.sh('touch go');
      expect((await first).exitCode).toBe(isCreated ? 6 : 0);
      const { exitCode, stdout, stderr } = await second;
      expect(exitCode, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ created: isCreated });
      expect(existsSync(session.workspace.path('own'))).toBe(isCreated);
    },
  );

  it('gives up on one that takes long, exit 5', async () => {
    const session = await openSession();
    await session.run(['store', 'init', '--hash', 'sha256']);
    const slow = 'touch waiting; until [ -e go ]; do sleep 0.05; done; cat > key';
    const first = session.run([...CREATE, '--', 'sh', '-c', slow], { ownProcess: true });
    await until(() => existsSync(session.workspace.path('waiting')));
    const { exitCode, stderr } = await session.run(CREATE);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining('ci-bot is being created by process'),
    });
    await session.sh('touch go');
    expect((await first).exitCode).toBe(0);
  });

  it('needs a name', async () => {
    const session = await openSession();
    const { exitCode, stderr } = await session.run(['create', '--scope', 'data:users', '--if-not-exists']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/needs a name/);
  });
});
