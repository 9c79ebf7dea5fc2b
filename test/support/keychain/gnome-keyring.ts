import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';

/** What has to be installed: the programs, by Debian package. */
const PROGRAMS = {
  '/usr/bin/dbus-run-session': 'dbus-daemon',
  '/usr/bin/busctl': 'systemd',
  '/usr/bin/gdbus': 'libglib2.0-bin',
  '/usr/bin/gnome-keyring-daemon': 'gnome-keyring',
  '/usr/bin/secret-tool': 'libsecret-tools',
} as const;

/** Why there can be no keyring here; null when there can. */
export function keyringObstacle(): string | null {
  const missing = Object.entries(PROGRAMS).find(([path]) => !existsSync(path));
  return missing === undefined ? null : `${missing[0]} is missing (Debian package ${missing[1]})`;
}

/** An entry, as the keyring shows it to another program. */
export interface KeyringEntry {
  readonly account: string;
  readonly secret: string;
}

/** A real gnome-keyring, unlocked, on a session bus of its own. */
export interface GnomeKeyring {
  /** The environment that leads a program to it. */
  readonly env: { readonly DBUS_SESSION_BUS_ADDRESS: string };
  /** Every entry of credctl, as secret-tool finds it; those of a store in the order of their creation. */
  entries(): Promise<readonly KeyringEntry[]>;
  /** What a keychain viewer calls the entries of credctl, sorted. */
  labels(): Promise<readonly string[]>;
  /** Saves an entry, as any program could. */
  save(attributes: Readonly<Record<string, string>>, secret: string): Promise<void>;
  /** Locks it: unlocking would take a prompt on a desktop. */
  lock(): Promise<void>;
  close(): Promise<void>;
}

/** The service asks for the password on its standard input, and says that it is there by what it prints. */
const SESSION = `printf secret | gnome-keyring-daemon --unlock --components=secrets > /dev/null &&
  echo "$DBUS_SESSION_BUS_ADDRESS" && exec cat`;

/** Starts a keyring. */
export async function startGnomeKeyring(): Promise<GnomeKeyring> {
  const home = mkdtempSync(join(tmpdir(), 'credctl-keyring-'));
  execFileSync('mkdir', ['-m', '700', join(home, 'run')]);
  const ownEnv = {
    PATH: '/usr/bin:/bin',
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_RUNTIME_DIR: join(home, 'run'),
    LC_ALL: 'C.UTF-8',
  };
  const session = spawn('dbus-run-session', ['--', 'sh', '-c', SESSION], {
    env: ownEnv,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const address = await firstLineOf(session);
  const env = { DBUS_SESSION_BUS_ADDRESS: address };
  const ask = (command: string, args: readonly string[], input = '') =>
    execa(command, args, { env: { ...ownEnv, ...env }, extendEnv: false, input, reject: false });
  return {
    env,
    async entries() {
      const { stdout, stderr } = await ask('secret-tool', ['search', '--all', 'service', 'credctl']);
      const found = (text: string, name: string): readonly string[] =>
        [...text.matchAll(new RegExp(`^${name} = (.*)$`, 'gm'))].map(([, value = '']) => value);
      const secrets = found(`${stdout}\n${stderr}`, 'secret');
      const accounts = found(`${stderr}\n${stdout}`, 'attribute\\.username');
      if (secrets.length !== accounts.length) throw new Error(`cannot be read: ${stdout}${stderr}`);
      return accounts
        .map((account, index) => ({ account, secret: secrets[index] ?? '' }))
        .sort((a, b) => (a.account < b.account ? -1 : 1));
    },
    async labels() {
      const { stdout } = await ask('secret-tool', ['search', '--all', 'service', 'credctl']);
      return [...stdout.matchAll(/^label = (.*)$/gm)].map(([, label = '']) => label).sort();
    },
    async save(attributes, secret) {
      const pairs = Object.entries(attributes).flat();
      const { exitCode, stderr } = await ask('secret-tool', ['store', '--label=test', ...pairs], secret);
      if (exitCode !== 0) throw new Error(`secret-tool: ${stderr}`);
    },
    async lock() {
      const collection = 'array:objpath:/org/freedesktop/secrets/collection/login';
      const { exitCode, stderr } = await ask('dbus-send', [
        '--session',
        '--print-reply',
        '--dest=org.freedesktop.secrets',
        '/org/freedesktop/secrets',
        'org.freedesktop.Secret.Service.Lock',
        collection,
      ]);
      if (exitCode !== 0) throw new Error(`dbus-send: ${stderr}`);
    },
    async close() {
      const ended = once(session, 'close');
      session.stdin?.end();
      await ended;
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function firstLineOf(session: ChildProcess): Promise<string> {
  if (session.stdout === null) throw new Error('the session has no output');
  for await (const line of createInterface({ input: session.stdout })) return line;
  throw new Error('the keyring could not be started');
}
