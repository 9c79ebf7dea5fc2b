import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Administrator,
  administer,
  type CreateInput,
  CredctlError,
  type CredentialStatus,
  credentialStatus,
  type Destination,
  handTo,
  openStore,
  type Store,
  versionState,
} from '../../src/index.js';
import { anOwner } from '../storage/fixtures.js';

const AUTHOR = { actor: 'billing@web-1', reason: 'tenant signed up' };
const API_KEY = { type: 'api-key', scopes: ['data:users'] } as const;

interface Scene {
  readonly path: string;
  readonly store: Store;
  readonly admin: Administrator;
  /** Every secret that was handed over. */
  readonly received: string[];
  readonly destination: Destination;
}

async function openScene(): Promise<Scene> {
  const directory = mkdtempSync(join(tmpdir(), 'credctl-library-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'own', 'credctl.db');
  const store = await openStore(path, { create: { hash: { scheme: 'sha256' } }, actor: 'setup@web-1' });
  onTestFinished(() => store.close());
  const received: string[] = [];
  const destination = handTo(({ secret }) => {
    received.push(secret.type === 'api-key' ? secret.apiKey : secret.clientSecret);
  });
  return { path, store, admin: administer(store, AUTHOR), received, destination };
}

/** Input that makes no sense, and the error that it gets. */
const REFUSED: readonly (readonly [what: string, code: string, input: Partial<CreateInput>])[] = [
  ['a name with a line break', 'usage', { name: 'a\nb' }],
  ['an empty name', 'usage', { name: '' }],
  ['a secret as the name', 'usage', { name: `cctl_key_${'a'.repeat(61)}` }],
  ['an unknown scope', 'usage', { scopes: ['data:nothing'] }],
  ['no scope', 'usage', { scopes: [] }],
  ['an owner that does not exist', 'not_found', { owner: 'nobody' }],
  ['a label whose key has a =', 'usage', { labels: { 'a=b': 'c' } }],
  ['a time of expiry that is over', 'usage', { expiresAt: new Date(0) }],
  ['a time of expiry that is none', 'usage', { expiresAt: new Date('never') }],
  ['a policy that is no duration', 'usage', { rotateEvery: 'sometimes' }],
];

function failure(code: string): unknown {
  return expect.objectContaining({ name: 'CredctlError', code });
}

describe('an administrator', () => {
  it('takes the handle of a secret for its name, and lists what expires between two times', async () => {
    const { admin, received, destination } = await openScene();
    const soon = new Date(Date.now() + 86_400_000);
    const input = { name: 'tenant-17', ...API_KEY, expiresAt: soon };
    const { credential } = await admin.create(input, destination);
    await admin.create({ name: 'lasting', ...API_KEY }, destination);
    const handle = received[0]?.slice(0, 'cctl_key_0123456789AB'.length) ?? '';
    expect(await admin.show(handle)).toEqual(credential);
    expect((await admin.list({ search: handle })).items).toEqual([credential]);
    expect((await admin.list({ expiresFrom: 0, expiresBy: soon.getTime() })).items).toEqual([credential]);
    expect((await admin.list({ expiresBy: Date.now() })).items).toEqual([]);
    await admin.delete(handle);
    await expect(admin.show(handle)).rejects.toThrow('it belonged to tenant-17, which was deleted');
    await expect(admin.show(received[0] ?? '')).rejects.toEqual(failure('usage'));
  });

  it('creates, shows, lists, edits, deactivates, activates and deletes', async () => {
    const { admin, received, destination } = await openScene();
    const { credential } = await admin.create(
      {
        name: 'tenant-17',
        ...API_KEY,
        labels: { tier: 'gold' },
        description: 'seventeen',
        rotateEvery: '90d',
      },
      destination,
    );
    expect(received).toEqual([expect.stringMatching(/^cctl_key_[0-9A-Za-z]{61}$/)]);
    expect(await admin.show('TENANT-17')).toEqual(credential);
    expect((await admin.list()).items).toEqual([credential]);
    const { credential: edited } = await admin.edit('tenant-17', {
      name: 'tenant-18',
      description: null,
      labels: { tier: null, region: 'eu' },
      ifRevision: credential.revision,
    });
    expect(edited).toMatchObject({
      name: 'tenant-18',
      description: null,
      labels: new Map([['region', 'eu']]),
    });
    expect(credentialStatus(await admin.deactivate('tenant-18'), Date.now())).toBe('inactive');
    expect(credentialStatus(await admin.activate('tenant-18'), Date.now())).toBe('active');
    await admin.delete('tenant-18');
    await expect(admin.show('tenant-18')).rejects.toEqual(failure('not_found'));
  });

  it('lists what an inactive owner stops as owner_inactive', async () => {
    const { admin, store, destination } = await openScene();
    const owner = anOwner({ name: 'crm' });
    await store.write((tx) => tx.insertOwner(owner));
    await admin.create({ name: 'bot', ...API_KEY, owner: 'crm' }, destination);
    await store.write((tx) => tx.updateOwner(owner.id, { status: 'inactive' }));
    const named = async (status: CredentialStatus) =>
      (await admin.list({ status })).items.map(({ name }) => name);
    expect([await named('active'), await named('owner_inactive')]).toEqual([[], ['bot']]);
    expect(credentialStatus(await admin.show('bot'), Date.now())).toBe('owner_inactive');
  });

  it('rotates with a grace, at once, and not while the secret is young', async () => {
    const { admin, received, destination } = await openScene();
    await admin.create({ name: 'bot', ...API_KEY }, destination);
    await admin.rotate('bot', destination);
    expect(new Set(received).size).toBe(2);
    const states = async (): Promise<readonly string[]> =>
      (await admin.show('bot')).versions.map((version) => versionState(version, Date.now()));
    expect(await states()).toEqual(['current', 'retiring']);
    expect(await admin.rotate('bot', destination, { ifOlderThan: '30d' })).toMatchObject({ rotated: false });
    await admin.finishRotation('bot', { force: true });
    expect(await states()).toEqual(['current', 'retired']);
    await admin.rotate('bot', destination, { now: true });
    expect(await states()).toEqual(['current', 'revoked', 'retired']);
  });

  it('takes over only where that is said, and refuses what makes no sense', async () => {
    const { admin, destination } = await openScene();
    await admin.create({ name: 'bot', ...API_KEY }, destination);
    await admin.rotate('bot', destination, { now: true, takeOver: true });
    for (const meddle of [
      () => admin.resumeRotation('bot', { takeOver: true }),
      () => admin.abortRotation('bot', { takeOver: true }),
    ]) {
      await expect(meddle()).rejects.toEqual(failure('conflict'));
    }
    await expect(admin.rotate('bot', destination, { takeOver: true })).rejects.toEqual(failure('usage'));
    const hasty = { ...destination, leaseMs: -1 };
    await expect(admin.rotate('bot', hasty)).rejects.toEqual(failure('usage'));
  });

  it('changes under conditions alone, where they are given', async () => {
    const { admin, store, destination } = await openScene();
    await admin.create({ name: 'bot', ...API_KEY }, destination);
    const [version] = (await admin.show('bot')).versions;
    await store.write((tx) => tx.recordUse(String(version?.id), Date.now(), null));
    const used = { unlessUsedWithin: '1h' };
    for (const attempt of [
      () => admin.deactivate('bot', used),
      () => admin.delete('bot', used),
      () => admin.rotate('bot', destination, { now: true, ...used }),
      () => admin.deactivate('bot', { ifRevision: 2 }),
      () => admin.activate('bot', { ifRevision: 2 }),
      () => admin.delete('bot', { ifRevision: 2 }),
      () => admin.rotate('bot', destination, { ifRevision: 2 }),
    ]) {
      await expect(attempt()).rejects.toEqual(failure('conflict'));
    }
    await expect(admin.rotate('bot', destination, used)).rejects.toEqual(failure('usage'));
    await expect(admin.delete('bot', { unlessUsedWithin: '1M' })).rejects.toEqual(failure('usage'));
    expect(await admin.show('bot')).toMatchObject({ status: 'active', revision: 1 });
    expect(await admin.deactivate('bot', { ifRevision: 1 })).toMatchObject({ revision: 2 });
    await admin.delete('bot', { ifRevision: 2 });
  });

  it('leaves nothing live when the secret was not taken over', async () => {
    const { admin, store, received, destination } = await openScene();
    const refusing = handTo(() => Promise.reject(new Error('the vault is sealed')));
    await expect(admin.create({ name: 'bot', ...API_KEY }, refusing)).rejects.toEqual(failure('undelivered'));
    expect((await admin.list()).items).toEqual([]);
    await admin.create({ name: 'bot', ...API_KEY }, destination);
    await expect(admin.rotate('bot', refusing)).rejects.toEqual(failure('undelivered'));
    const { versions } = await admin.show('bot');
    expect(versions.map((version) => versionState(version, Date.now()))).toEqual(['revoked', 'current']);
    expect(received).toHaveLength(1);
    expect(await store.verifyAudit(null)).toMatchObject({ valid: true });
  });

  it('lists who holds a scope of an API, and who may do something', async () => {
    const { admin, destination } = await openScene();
    await admin.create({ name: 'reader', ...API_KEY }, destination);
    await admin.create({ name: 'sender', type: 'api-key', scopes: ['events:*'] }, destination);
    const named = async (query: Parameters<Administrator['list']>[0]) =>
      (await admin.list(query)).items.map(({ name }) => name);
    expect(await named({ api: 'data' })).toEqual(['reader']);
    expect(await named({ can: 'events:messages' })).toEqual(['sender']);
    expect(await named({ scope: 'events:messages' })).toEqual([]);
    await expect(admin.list({ api: 'nothing' })).rejects.toEqual(failure('usage'));
    await expect(admin.list({ can: 'data:nothing' })).rejects.toEqual(failure('usage'));
  });

  it('writes who did it, and why, into the audit trail', async () => {
    const { admin, store, destination } = await openScene();
    await admin.create({ name: 'bot', ...API_KEY }, destination);
    const { items } = await store.listAudit({ target: 'bot', limit: 10 });
    expect(items.map(({ event }) => event)).toMatchObject([
      { action: 'credential.deliver', ...AUTHOR },
      { action: 'credential.create', ...AUTHOR },
    ]);
  });

  it.each(REFUSED)('refuses %s before anything is issued', async (_, code, input) => {
    const { admin, received, destination } = await openScene();
    const attempt = async (): Promise<unknown> =>
      admin.create({ name: 'bot', ...API_KEY, ...input }, destination);
    await expect(attempt()).rejects.toEqual(failure(code));
    expect(received).toEqual([]);
    expect((await admin.list()).items).toEqual([]);
  });

  it('cannot act in a name that would spoil the trail', async () => {
    const { store } = await openScene();
    expect(() => administer(store, { actor: 'a\u001b[2Jb' })).toThrow(CredctlError);
    expect(() => administer(store, { actor: ' ' })).toThrow(CredctlError);
    expect(() => administer(store, { actor: 'a@b', reason: 'two\nlines' })).toThrow(CredctlError);
  });
});
