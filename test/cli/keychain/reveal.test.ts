import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { verdictOn } from '../../support/dependencies/presented.js';
import type { GnomeKeyring, KeyringEntry } from '../../support/keychain/gnome-keyring.js';
import { FakeSecretService } from '../../support/keychain/secret-service.js';
import { openTerminal } from '../../support/program/pseudo-terminal.js';
import { expectNoTraceOf, KEYS, names, secretShown } from '../interactive/seated.js';
import { describeWithKeyring, type KeyringSession, openKeyringSession } from './with-keyring.js';

const CREATE = 'credctl create ci-bot --type api-key --scope data:users';
const SAVE = 'k: save to keychain';

/** What the keyring holds of the session's store. */
async function entriesOf(session: KeyringSession, keyring: GnomeKeyring): Promise<readonly KeyringEntry[]> {
  const store = await session.storeId();
  return (await keyring.entries()).filter(({ account }) => account.startsWith(`${store}/`));
}

describeWithKeyring('k on the screen that shows a secret', (keyring, open) => {
  it('saves it to the keychain, where everything finds it later', async () => {
    const session = await open();
    const terminal = await openTerminal(session.workspace);
    await terminal.run(CREATE);
    await terminal.see(SAVE);
    const secret = await secretShown(terminal);
    await terminal.press('k');
    await terminal.see('saved to the keychain');
    expect(await session.ok('show', 'ci-bot')).toContain('pending');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.screen()).toContain('saved to the keychain');
    await expectNoTraceOf(secret, terminal);
    const account = `${await session.storeId()}/${await session.idOf('ci-bot')}/1`;
    expect(await entriesOf(session, keyring())).toEqual([{ account, secret }]);
    expect(await keyring().labels()).toEqual(['credctl: ci-bot (API key, version 1)']);
    expect(await session.ok('keychain', 'list')).toContain('ci-bot\t1\tcurrent');
    expect(await session.ok('keychain', 'get', 'ci-bot')).toBe(`${secret}\n`);
    const used = await session.run(['run', 'ci-bot', '--', 'sh', '-c', 'printf %s "$CI_BOT_API_KEY"']);
    expect(used.stdout).toBe(secret);
    expect(await verdictOn(session, secret)).toBe('valid');
    await session.ok('delete', 'ci-bot', '--yes');
    expect(await entriesOf(session, keyring())).toEqual([]);
  });

  it('puts it in the place of an earlier one, once that is confirmed', async () => {
    const session = await open();
    const terminal = await openTerminal(session.workspace);
    await terminal.run(CREATE);
    await terminal.see(SAVE);
    await terminal.press('k');
    await terminal.see('saved to the keychain');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    await terminal.run('credctl rotate ci-bot');
    await terminal.see(SAVE);
    const second = await secretShown(terminal);
    await terminal.press('k');
    await terminal.see('saved to the keychain');
    expect(await entriesOf(session, keyring())).toHaveLength(2);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect((await entriesOf(session, keyring())).map((entry) => entry.secret)).toEqual([second]);
    const third = (await session.ok('rotate', 'ci-bot', '--now', '--keychain', '-q')).trim();
    expect((await entriesOf(session, keyring())).map((entry) => entry.secret)).toEqual([third]);
  });

  it('is taken back with everything else by Ctrl-C', async () => {
    const session = await open();
    const terminal = await openTerminal(session.workspace);
    await terminal.run(CREATE);
    await terminal.see(SAVE);
    await terminal.press('k');
    await terminal.see('saved to the keychain');
    expect(await entriesOf(session, keyring())).toHaveLength(1);
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    expect(await entriesOf(session, keyring())).toEqual([]);
    expect(await names(session)).toEqual([]);
  });

  it('keeps it usable when the program is killed then: the keychain has it', async () => {
    const session = await open();
    const terminal = await openTerminal(session.workspace);
    await terminal.run(`sh -c 'echo $$ > pid; exec ${CREATE}'`);
    await terminal.see(SAVE);
    const secret = await secretShown(terminal);
    await terminal.press('k');
    await terminal.see('saved to the keychain');
    const [version] = JSON.parse(await session.ok('show', 'ci-bot', '--json')).credential.versions;
    expect(version).toMatchObject({ state: 'pending', lapses_at: null });
    process.kill(Number(await session.workspace.read('pid')), 'SIGKILL');
    expect(await terminal.ended()).toBe(137);
    expect(await session.ok('keychain', 'get', 'ci-bot')).toBe(`${secret}\n`);
    await session.ok('rotate', 'ci-bot', '--abort');
    expect(await entriesOf(session, keyring())).toEqual([]);
    expect(await verdictOn(session, secret)).toBe('deleted');
  });

  it('says why when the keychain is locked, and the secret can still be stored elsewhere', async () => {
    const session = await open();
    const terminal = await openTerminal(session.workspace, { columns: 150 });
    await terminal.run(CREATE);
    await terminal.see(SAVE);
    const secret = await secretShown(terminal);
    await keyring().lock();
    await terminal.press('k');
    await terminal.see('not done: the keychain is locked');
    const [version] = JSON.parse(await session.ok('show', 'ci-bot', '--json')).credential.versions;
    expect(version.lapses_at, 'it still stops by itself').not.toBeNull();
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await verdictOn(session, secret)).toBe('valid');
    await session.ok('delete', 'ci-bot', '--yes');
  });
});

describeWithKeyring('the screen does not offer the keychain', (_, open) => {
  it('where the secret is saved there anyway', async () => {
    const session = await open();
    const terminal = await openTerminal(session.workspace);
    await terminal.run(`${CREATE} --keychain`);
    const secret = await secretShown(terminal);
    await terminal.press('k', 'f');
    const seen = await terminal.see('File (the bare API key): _');
    expect(seen).not.toContain('keychain');
    await terminal.press('Escape');
    await terminal.see(KEYS);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await session.ok('keychain', 'get', 'ci-bot')).toBe(`${secret}\n`);
    await session.ok('delete', 'ci-bot', '--yes');
  });

  it('and takes that copy back by Ctrl-C, however long the screen was looked at', async () => {
    const session = await open();
    await session.workspace.configure('hash = "sha256"\nkeychain_timeout = "8s"\n');
    const terminal = await openTerminal(session.workspace);
    await terminal.run(`${CREATE} --keychain`);
    await secretShown(terminal);
    expect(await session.ok('keychain', 'list')).toContain('ci-bot\t1\tpending');
    await new Promise((resolve) => setTimeout(resolve, 9_000));
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    expect(await session.ok('keychain', 'list')).toBe('NAME\tVERSION\tSTATE\n');
  });

  it.each(['absent', 'hangs at connecting', 'hangs at opening'] as const)(
    'where it cannot be reached: %s; and does not wait for it',
    async (misbehaviour) => {
      const path = join(tmpdir(), `credctl-bus-${process.pid}-${misbehaviour.replaceAll(' ', '-')}`);
      const keychain = new FakeSecretService(path);
      try {
        keychain.misbehaviour = misbehaviour;
        const session = await openKeyringSession(keychain);
        await session.workspace.configure('hash = "sha256"\nkeychain_timeout = "3600s"\n');
        const terminal = await openTerminal(session.workspace);
        await terminal.run(CREATE);
        const secret = await secretShown(terminal);
        await expect.poll(() => keychain.connections, { timeout: 60_000 }).toBeGreaterThan(0);
        await terminal.press('k', 'f');
        expect(await terminal.see('File (the bare API key): _')).not.toContain('keychain');
        await terminal.press('Escape');
        await terminal.see(KEYS);
        await terminal.press('Enter');
        expect(await terminal.ended()).toBe(0);
        expect(await verdictOn(session, secret)).toBe('valid');
      } finally {
        keychain.close();
      }
    },
  );
});
