import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe } from 'vitest';
import { isMissing } from '../program/missing-programs.js';

/** How long a keychain may take to start on a machine that is busy, in milliseconds. */
const PATIENCE_MS = 60_000;

/** A real keychain of its own: gnome-keyring on a private bus, unlocked. It ends with the process that started it. */
export interface UnlockedKeyring {
  /** What lets a program find it. */
  readonly env: Readonly<Record<string, string>>;
  /** The secrets in it, by account. */
  secretOf(account: string): string | null;
  /** Puts an empty one in the place of one that has ended; {@link UnlockedKeyring.env} then leads there. */
  revive(): Promise<void>;
  stop(): void;
}

/**
 * Describes what happens with a real keychain; where none can be started it says why and runs nothing. The daemon ends
 * now and then by an assertion of its own when entries come and go quickly: a test that loses it is run again.
 */
export function describeWithKeyring(title: string, tests: () => void): void {
  const isSkipped = isMissing(
    'tests with a keychain',
    'dbus-run-session',
    'gnome-keyring-daemon',
    'secret-tool',
  );
  describe.skipIf(isSkipped)(title, { retry: 2 }, tests);
}

/** Starts a keychain and waits until it keeps what it is given. */
export async function unlockedKeyring(): Promise<UnlockedKeyring> {
  let current = await startKeyring();
  return {
    get env() {
      return current.env;
    },
    secretOf: (account) => current.secretOf(account),
    async revive() {
      if (current.isRunning()) return;
      current.stop();
      current = await startKeyring();
    },
    stop: () => current.stop(),
  };
}

interface StartedKeyring extends Pick<UnlockedKeyring, 'env' | 'secretOf' | 'stop'> {
  isRunning(): boolean;
}

async function startKeyring(): Promise<StartedKeyring> {
  const root = mkdtempSync(join(tmpdir(), 'credctl-keyring-'));
  const runtime = join(root, 'runtime');
  mkdirSync(runtime, { mode: 0o700 });
  const own = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: root,
    XDG_RUNTIME_DIR: runtime,
    XDG_DATA_HOME: join(root, 'data'),
    LC_ALL: 'C',
  };
  const script =
    'printf password | gnome-keyring-daemon --unlock --components=secrets > /dev/null && echo "bus=$DBUS_SESSION_BUS_ADDRESS" && exec cat';
  // The shell ends when this process does, the bus with the shell, and the keychain with the bus.
  const bus = spawn('dbus-run-session', ['--', 'sh', '-c', script], {
    env: own,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const address = await addressFrom(bus);
  const env = { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: runtime };
  const tool = (args: readonly string[], input = ''): string =>
    execFileSync('secret-tool', [...args], {
      env: { ...own, ...env },
      input,
      encoding: 'utf8',
      timeout: PATIENCE_MS,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  const keepTrial = (): unknown => tool(['store', '--label=trial', 'service', 'trial'], 'trial');
  await untilWorking(keepTrial);
  return {
    env,
    secretOf(account) {
      try {
        return tool(['lookup', 'service', 'credctl', 'username', account]);
      } catch {
        return null;
      }
    },
    isRunning() {
      try {
        return tool(['lookup', 'service', 'trial']) === 'trial';
      } catch {
        return false;
      }
    },
    stop() {
      bus.stdin?.end();
      rmSync(root, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

async function addressFrom(bus: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of bus.stdout ?? []) {
    said += String(chunk);
    const address = /^bus=(.+)$/m.exec(said)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error('the bus ended before the keychain was there');
}

async function untilWorking(attempt: () => unknown): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      attempt();
      return;
    } catch (fault) {
      if (Date.now() > deadline) throw fault;
      await pause(100);
    }
  }
}
