import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keychainLabel } from '../../../src/domain/secret/keychain-account.js';
import { entryLabels } from '../../../src/system/keychain/entry-label.js';
import { findProgram } from '../../../src/system/program/find-program.js';
import { FakeSecretService } from '../../support/keychain/secret-service.js';
import type { Session } from '../../support/program/run.js';
import { KEY } from './saved.js';
import { describeWithKeyring, openKeyringSession } from './with-keyring.js';

const SAVE = [...KEY, '--keychain', '--no-print'];

const PROGRAMS = ['busctl', 'gdbus'] as const;

/** A PATH with credctl and the given programs of D-Bus alone: each a script, or the real one where that is empty. */
async function pathWith(
  session: Session,
  programs: Readonly<Partial<Record<(typeof PROGRAMS)[number], string>>>,
): Promise<string> {
  const bin = join(session.workspace.directory, 'bin');
  await mkdir(bin);
  for (const [name, script] of Object.entries(programs)) {
    if (script === '') await symlink(realPath(name), join(bin, name));
    else await writeFile(join(bin, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  return `${bin}:${join(session.workspace.root, 'bin')}`;
}

function realPath(name: string): string {
  const found = findProgram(name, process.env);
  if (!('path' in found)) throw new Error(`${name} is missing`);
  return found.path;
}

/** Empty for a process that has ended, also where nothing has waited for it yet. */
async function commandLineOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

/** Creates an API key in a process of its own, which must succeed and say what it says anyway. */
async function save(session: Session, PATH: string): Promise<void> {
  const finished = await session.run(['create', 'ci-bot', ...SAVE, '-q'], {
    env: { PATH },
    ownProcess: true,
  });
  expect(finished).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  expect(await session.ok('keychain', 'get', 'ci-bot')).toMatch(/^cctl_key_/);
}

describe('the label of an entry', () => {
  it('says whose it is, of which kind, and which version', () => {
    expect(keychainLabel({ name: 'ci-bot', type: 'api-key' }, 2)).toBe(
      'credctl: ci-bot (API key, version 2)',
    );
    expect(keychainLabel({ name: 'a/b', type: 'oauth2' }, 1)).toBe(
      'credctl: a/b (OAuth 2.0 client, version 1)',
    );
  });
});

describeWithKeyring('an entry in the keychain', (keyring, open) => {
  it('has a label that a person understands, from create, rotate and rotate --due on', async () => {
    const session = await open();
    await session.ok('create', 'Team-1/ci_bot.x', ...SAVE, '--rotate-every', '1d');
    await session.ok('create', 'crm', '--scope', 'data:users', '--keychain', '--no-print');
    expect(await keyring().labels()).toEqual([
      'credctl: Team-1/ci_bot.x (API key, version 1)',
      'credctl: crm (OAuth 2.0 client, version 1)',
    ]);
    await session.ok('rotate', 'crm', '--keychain', '--no-print');
    await session.ok('rotate', '--due', '--within', '2d', '--keychain');
    expect(await keyring().labels()).toEqual([
      'credctl: Team-1/ci_bot.x (API key, version 2)',
      'credctl: crm (OAuth 2.0 client, version 2)',
    ]);
    expect(await session.ok('keychain', 'list')).toContain('Team-1/ci_bot.x\t2\tcurrent');
    await session.ok('run', 'crm', '--', 'true');
  });

  it('gets the new name of a credential that is renamed', async () => {
    const session = await open();
    await session.ok('create', 'ci-bot', ...SAVE);
    const secret = await session.ok('keychain', 'get', 'ci-bot');
    await session.ok('edit', 'ci-bot', '--name', 'deploy/bot');
    expect(await keyring().labels()).toEqual(['credctl: deploy/bot (API key, version 1)']);
    expect(await session.ok('keychain', 'get', 'deploy/bot')).toBe(secret);
  });

  it.each(PROGRAMS)('is labelled by %s where the other is missing', async (program) => {
    const session = await open();
    await save(session, await pathWith(session, { [program]: '' }));
    expect(await keyring().labels()).toEqual(['credctl: ci-bot (API key, version 1)']);
  });

  it.each(PROGRAMS)('takes any text as its label, by %s', async (program) => {
    const session = await open();
    await session.ok('create', 'ci-bot', ...SAVE);
    const username = `${await session.storeId()}/${await session.idOf('ci-bot')}/1`;
    const labels = entryLabels({ ...keyring().env, PATH: await pathWith(session, { [program]: '' }) });
    for (const text of [`'"it's"' \\ \\n $(x) \`y\` <z>`, '-u\u00a0Zoë \u2003 名前 🔑', '@as [] %s']) {
      await labels.set({ service: 'credctl', username }, text);
      expect(await keyring().labels()).toEqual([text]);
    }
  });

  it('keeps its account as its name, silently, where neither program is installed', async () => {
    const session = await open();
    await save(session, await pathWith(session, {}));
    expect(await keyring().labels()).toEqual([expect.stringMatching(/^keyring:.*@credctl$/)]);
  });

  it.each([
    ['fails', 'echo broken; echo broken >&2; exit 1'],
    ['answers something else', 'echo "s \\":1.9\\" /a /b"'],
    ['ends by a signal', 'kill -9 $$'],
  ])('is delivered all the same where busctl %s', async (_how, script) => {
    const session = await open();
    await save(session, await pathWith(session, { busctl: script }));
    expect(await keyring().labels()).toEqual([expect.stringMatching(/^keyring:.*@credctl$/)]);
  });

  it('is delivered all the same where busctl hangs, which is ended and not tried again', async () => {
    const session = await open();
    await session.ok('create', 'other', ...SAVE, '--rotate-every', '1d');
    await session.ok('create', 'third', ...SAVE, '--rotate-every', '1d');
    const pids = join(session.workspace.directory, 'pids');
    const PATH = await pathWith(session, { busctl: `echo $$ >> '${pids}'; exec sleep 86400` });
    const env = { PATH };
    const due = ['rotate', '--due', '--within', '2d', '--keychain', '-q'];
    const finished = await session.run(due, { env, ownProcess: true });
    expect(finished).toMatchObject({ exitCode: 0, stderr: '' });
    const started = (await readFile(pids, 'utf8')).trim().split('\n');
    expect(started).toHaveLength(1);
    await expect.poll(() => commandLineOf(Number(started[0]))).toBe('');
  });

  it('shows the programs no secret, and nothing of the environment', async () => {
    const session = await open();
    const seen = join(session.workspace.directory, 'seen');
    const PATH = await pathWith(session, {
      busctl: `{ printf '%s\\n' "$@"; cat; env; echo end; } >> '${seen}'; exec '${realPath('busctl')}' "$@"`,
    });
    const env = { PATH, OTHER_SECRET: 'hunter2' };
    const { stdout } = await session.run(['create', 'ci-bot', ...KEY, '--keychain', '-q'], {
      env,
      ownProcess: true,
    });
    expect(await keyring().labels()).toEqual(['credctl: ci-bot (API key, version 1)']);
    const text = await readFile(seen, 'utf8');
    expect(text.split('\nend\n')).toHaveLength(4);
    expect(stdout).toMatch(/^cctl_key_/);
    expect(text).not.toContain('cctl_key_');
    expect(text).not.toContain(stdout.trim().slice(-43));
    expect(text).not.toContain('hunter2');
  });
});

describe('an entry in another keychain than gnome-keyring', () => {
  it('is left alone: the label of one in KWallet is where its secret is', async () => {
    const session = await openKeyringSession({ env: { DBUS_SESSION_BUS_ADDRESS: 'unused:' } });
    const keychain = new FakeSecretService(join(session.workspace.directory, 'bus'));
    onTestFinished(() => keychain.close());
    const seen = join(session.workspace.directory, 'seen');
    const PATH = await pathWith(session, {
      busctl: `echo "$@" >> '${seen}'; exec '${realPath('busctl')}' "$@"`,
    });
    const env = { ...keychain.env, PATH };
    const finished = await session.run(['create', 'ci-bot', ...SAVE, '-q'], { env, ownProcess: true });
    expect(finished).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(keychain.entries).toHaveLength(1);
    expect((await readFile(seen, 'utf8')).trim().split('\n')).toEqual([
      expect.stringContaining('GetNameOwner s org.gnome.keyring'),
    ]);
  });
});
