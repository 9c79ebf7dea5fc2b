import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { CredctlError } from '../domain/errors.js';
import type { Keychain } from '../domain/ports.js';

/** The name under which the operating system's keychain shows our entries. */
export const KEYCHAIN_SERVICE = 'credctl';

export interface KeychainOptions {
  /** The program that talks to the keychain. */
  readonly agent: string;
  /** For all requests of one command together, in milliseconds; asked for when it is first used. */
  readonly timeoutMs: () => Promise<number>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Agent {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
  readonly reader: Interface;
  readonly deadline: Promise<never>;
  readonly cancel: () => void;
}

/**
 * The operating system's keychain: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows. It is
 * reached through a process of its own, which is ended when the keychain does not answer in time.
 */
export function systemKeychain(options: KeychainOptions): Keychain {
  let agent: Agent | null = null;
  const ask = async (request: { action: string; account: string; secret?: string }): Promise<unknown> => {
    agent ??= startAgent(options, await options.timeoutMs());
    agent.child.stdin?.write(`${JSON.stringify({ service: KEYCHAIN_SERVICE, ...request })}\n`);
    const next = await Promise.race([agent.lines.next(), agent.deadline]);
    if (next.done === true) throw unavailable('the keychain could not be asked');
    const answer = JSON.parse(next.value) as { value?: unknown; fault?: string };
    if (answer.fault !== undefined) throw unavailable(`the keychain refused: ${firstLine(answer.fault)}`);
    return answer.value;
  };
  return {
    async get(account) {
      const value = await ask({ action: 'get', account });
      return typeof value === 'string' ? value : null;
    },
    async set(account, secret) {
      await ask({ action: 'set', account, secret });
    },
    async delete(account) {
      return (await ask({ action: 'delete', account })) === true;
    },
    close() {
      agent?.cancel();
      agent = null;
    },
  };
}

function startAgent(options: KeychainOptions, timeoutMs: number): Agent {
  const child = spawn(process.execPath, [options.agent], {
    env: options.env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  child.on('error', () => {});
  const reader = createInterface({ input: child.stdout });
  let timer: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    clearTimeout(timer);
    reader.close();
    child.kill('SIGKILL');
  };
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      cancel();
      reject(unavailable(`the keychain did not answer within ${timeoutMs / 1_000} seconds`));
    }, timeoutMs);
  });
  // Nobody may be waiting any more when the time is up.
  deadline.catch(() => {});
  return { child, lines: reader[Symbol.asyncIterator](), reader, deadline, cancel };
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200);
}

function unavailable(message: string): CredctlError {
  return new CredctlError('undelivered', message, { hint: HINTS[process.platform] ?? HINT_ELSEWHERE });
}

const HINT_ELSEWHERE = 'unlock the keychain and try again; nothing was saved';

const HINTS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux:
    'a Secret Service is needed: install gnome-keyring, KWallet or KeePassXC, log in to a desktop or use dbus-run-session, and unlock it',
};
