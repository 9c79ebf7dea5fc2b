import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe } from 'vitest';
import { isMissing } from './missing-programs.js';

/** How long a keychain may take to start on a machine that is busy, in milliseconds. */
const PATIENCE_MS = 60_000;

/** A real keychain of its own: gnome-keyring on a private bus, unlocked. It ends with the process that started it. */
export interface UnlockedKeyring {
  /** What lets a program find it. */
  readonly env: Readonly<Record<string, string>>;
  /** The secrets in it, by account. */
  secretOf(account: string): string | null;
  stop(): void;
}

/** Like `describe`; where no keychain can be started it says why and runs nothing. */
export const describeWithKeyring = describe.skipIf(
  isMissing('tests with a keychain', 'dbus-run-session', 'gnome-keyring-daemon', 'secret-tool'),
);

/** Starts a keychain and waits until it keeps what it is given. */
export async function unlockedKeyring(): Promise<UnlockedKeyring> {
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
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  await untilWorking(() => tool(['store', '--label=trial', 'service', 'trial'], 'trial'));
  return {
    env,
    secretOf(account) {
      try {
        return tool(['lookup', 'service', 'credctl', 'username', account]);
      } catch {
        return null;
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
