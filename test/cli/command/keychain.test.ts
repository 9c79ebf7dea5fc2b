import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  describeWithKeyring,
  type UnlockedKeyring,
  unlockedKeyring,
} from '../../support/keychain/unlocked-keyring.js';
import { type KeptSession, openKept, shell } from '../run/kept.js';

describeWithKeyring('a command besides the keychain', () => {
  let keyring: UnlockedKeyring;
  let session: KeptSession;

  beforeAll(async () => {
    keyring = await unlockedKeyring();
  });

  beforeEach(async () => {
    session = await openKept(keyring);
  });

  afterAll(() => keyring.stop());

  const create = ['create', 'ci-bot', '--type', 'api-key', '--scope', 'data:users'];

  /** The secrets of the credential in the keychain, by version. */
  async function kept(credentialId: string): Promise<Readonly<Record<string, string | null>>> {
    const { store } = JSON.parse(await session.ok('store', 'info', '--json'));
    const account = (version: number): string => `${store.id}/${credentialId}/${version}`;
    return Object.fromEntries([1, 2].map((version) => [version, keyring.secretOf(account(version))]));
  }

  async function idOf(name: string): Promise<string> {
    return JSON.parse(await session.ok('show', name, '--json')).credential.id;
  }

  it('gets the secret that the keychain keeps', async () => {
    const printed = await session.ok(...create, '--keychain', '--json', ...shell('cat > input'));
    expect(JSON.parse(printed)).toMatchObject({ secret: null, delivered_to: ['keychain', 'command'] });
    const first = await session.workspace.read('input');
    expect(await kept(await idOf('ci-bot'))).toEqual({ 1: first, 2: null });
    await session.ok('rotate', 'ci-bot', '--keychain', ...shell('cat > input'));
    expect(await kept(await idOf('ci-bot'))).toEqual({ 1: null, 2: await session.workspace.read('input') });
  });

  it('that fails leaves the keychain with the secret that works, and with nothing after a create', async () => {
    const record = 'echo "$CREDCTL_ID" > id; cat > /dev/null; exit 1';
    expect((await session.run([...create, '--keychain', ...shell(record)])).exitCode).toBe(6);
    expect(await kept((await session.workspace.read('id')).trim())).toEqual({ 1: null, 2: null });
    const secret = await session.keep('ci-bot');
    await session.refused(6, ['rotate', 'ci-bot', '--keychain', ...shell(record)]);
    expect(await kept(await idOf('ci-bot'))).toEqual({ 1: secret, 2: null });
  });

  it('is not started when the keychain cannot be reached', async () => {
    const env = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' };
    await session.refused(6, [...create, '--keychain', ...shell('> started')], { env });
    await expect(session.workspace.read('started')).rejects.toThrow();
    expect(await session.ok('list')).not.toContain('ci-bot');
  });
});
