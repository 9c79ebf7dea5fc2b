import { describe, expect, it } from 'vitest';
import { openSession } from '../../../support/program/run.js';
import * as shape from './shapes.js';

describe('a JSON document has exactly the keys of the contract', () => {
  it('create: an API key', async () => {
    const session = await openSession();
    const document = await session.json(
      shape.createDocument,
      ...['create', 'ci-bot', '--type', 'api-key', '--scope', 'data:users', '--expires-in', '90d'],
      ...['--rotate-every', '4w', '--label', 'team=crm', '--description', 'nightly export'],
    );
    expect(document).toMatchObject({
      version: 1,
      secret: { api_key: expect.stringMatching(shape.API_KEY) },
      delivered_to: ['stdout'],
      credential: {
        name: 'ci-bot',
        type: 'api-key',
        status: 'active',
        client_id: null,
        scopes: ['data:users'],
        owner: null,
        owner_status: null,
        description: 'nightly export',
        labels: { team: 'crm' },
        revision: 1,
        rotate_every: '4w',
        last_used_at: null,
        versions: [{ version: 1, state: 'current', lapses_at: null, retires_at: null }],
      },
    });
    expect(document.credential.versions[0]?.delivered_at).not.toBeNull();
    expect(document.credential.rotation_due_at).not.toBeNull();
  });

  it('create: an OAuth client, whose client id is the same in both places', async () => {
    const session = await openSession();
    const { credential, secret } = await session.json(
      shape.createDocument,
      ...['create', 'crm-sync', '--scope', 'data:*', '--scope', 'data:users'],
    );
    expect(credential).toMatchObject({ type: 'oauth2', scopes: ['data:*'] });
    expect(secret).toMatchObject({ client_id: credential.client_id });
  });

  it('create and rotate into a file: no secret, and where it went', async () => {
    const session = await openSession();
    const created = await session.json(
      shape.createDocument,
      ...['create', 'ci-bot', '--scope', 'data:users', '--output', 'one.txt'],
    );
    expect(created).toMatchObject({ version: 1, secret: null, delivered_to: ['file'] });
    const rotated = await session.json(shape.rotateDocument, 'rotate', 'ci-bot', '--output', 'two.txt');
    expect(rotated).toMatchObject({ version: 2, secret: null, delivered_to: ['file'], rotated: true });
  });

  it('rotate: the new secret, and the old version retiring', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const document = await session.json(shape.rotateDocument, 'rotate', 'ci-bot', '--grace', '7d');
    expect(document).toMatchObject({ version: 2, delivered_to: ['stdout'], rotated: true });
    expect(document.credential.versions.map(({ version, state }) => [version, state])).toEqual([
      [2, 'current'],
      [1, 'retiring'],
    ]);
    expect(document.credential.versions[1]?.retires_at).not.toBeNull();
  });

  it('rotate --if-older-than that finds nothing to do: rotated is false and there is no secret', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const document = await session.json(
      shape.rotateDocument,
      ...['rotate', 'ci-bot', '--if-older-than', '30d'],
    );
    expect(document).toMatchObject({ version: 1, secret: null, delivered_to: [], rotated: false });
    expect(document.credential.versions).toHaveLength(1);
  });

  it('list, show and edit show a credential in the same way', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const { credential } = await session.json(shape.credentialDocument, 'show', 'ci-bot');
    const listed = await session.json(shape.listDocument, 'list');
    expect(listed).toEqual({ schema_version: 1, credentials: [credential], next_cursor: null });
    const edited = await session.json(shape.credentialDocument, 'edit', 'ci-bot', '--label', 'a=1');
    expect(edited.credential).toEqual({
      ...credential,
      labels: { a: '1' },
      revision: 2,
      updated_at: edited.credential.updated_at,
    });
  });

  it('show: the newest version first, ten at most', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    for (let count = 0; count < 10; count += 1) await session.ok('rotate', 'ci-bot', '--now');
    const { credential } = await session.json(shape.credentialDocument, 'show', 'ci-bot');
    expect(credential.versions.map(({ version }) => version)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
  });

  it.each(['deactivate', 'activate', 'delete'])('%s: a result for the one target', async (command) => {
    const session = await openSession();
    await session.issue('ci-bot');
    const { credential } = await session.json(shape.credentialDocument, 'show', 'ci-bot');
    const document = await session.json(shape.resultsDocument, command, 'CI-BOT', '--yes');
    expect(document.results).toEqual([{ name: 'ci-bot', id: credential.id, ok: true }]);
  });

  it('rotate --finish and --abort: the credential as it is then', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('rotate', 'ci-bot');
    const aborted = await session.json(shape.credentialDocument, 'rotate', 'ci-bot', '--abort');
    expect(aborted.credential.versions.map(({ state }) => state)).toEqual(['revoked', 'current']);
    await session.ok('rotate', 'ci-bot');
    const finished = await session.json(shape.credentialDocument, 'rotate', 'ci-bot', '--finish');
    expect(finished.credential.versions.map(({ state }) => state)).toEqual(['current', 'revoked', 'retired']);
  });

  it('verify: the credential and the version, or the reason', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    await session.workspace.write('key.txt', `${secret}\n`);
    const good = await session.sh('credctl verify --json < key.txt');
    expect(good).toMatchObject({ exitCode: 0, stderr: '' });
    const parsed = shape.validDocument.parse(JSON.parse(good.stdout));
    expect(parsed.version).toBe(1);
    expect(parsed.credential.name).toBe('ci-bot');
    const bad = await session.run(['verify', '--json'], { stdin: 'nonsense' });
    expect(bad).toMatchObject({ exitCode: 4, stderr: '' });
    expect(shape.invalidDocument.parse(JSON.parse(bad.stdout)).reason).toBe('malformed');
  });
});
