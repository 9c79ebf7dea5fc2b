import type { CredctlError } from '../../domain/errors.js';
import type { Keychain } from '../../domain/ports/ports.js';
import { type Interruption, interruption } from '../signals/interruption.js';
import type { Agent } from './agent-process.js';
import type { EntryLabels } from './entry-label.js';
import {
  endedAgent,
  interruptedKeychain,
  isSilence,
  keychainFault,
  silentKeychain,
  unloadableBinding,
} from './keychain-fault.js';
import { isLeftOver, isTrial } from './preflight-entry.js';

/** Service name of the entries in the keychain. */
const KEYCHAIN_SERVICE = 'credctl';

/**
 * Share of the time limit reserved for removing an entry that a silent keychain may have saved, and its maximum in
 * milliseconds.
 */
const KEPT_FOR_REMOVAL = 1 / 6;
const MOST_FOR_REMOVAL_MS = 5_000;

/** An answer that takes longer, in milliseconds, may be waiting for a person. */
const SLOW_MS = 1_000;

/** Maximum delay of a Node.js timer, in milliseconds; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Options of {@link systemKeychain}. */
export interface KeychainOptions {
  /** Path of the agent program. */
  readonly agent: string;
  /** Time limit per operation in milliseconds; called on first use. */
  readonly timeoutMs: () => Promise<number>;
  /** Called once, with the time limit in milliseconds, when an answer takes longer than a second; null for never. */
  readonly onSlow: ((limitMs: number) => void) | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Answer {
  readonly value?: unknown;
  readonly fault?: string;
  readonly unloadable?: readonly string[];
}

interface Request {
  readonly action: 'get' | 'set' | 'delete' | 'accounts';
  readonly account?: string;
  readonly secret?: string;
}

/**
 * The operating system's keychain: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
 * Accessed through an agent process, which is killed on the time limit. After that, only removals are
 * attempted; after a signal that ended a wait, nothing.
 */
export function systemKeychain(options: KeychainOptions): Keychain {
  let agent: Agent | null = null;
  let labels: EntryLabels | null = null;
  let waitedMs = 0;
  let isSlowTold = false;
  let isAsked: 'everything' | 'to remove' | 'nothing' = 'everything';
  let interrupted: CredctlError | null = null;

  async function ask(request: Request): Promise<unknown> {
    const limitMs = await options.timeoutMs();
    const isRemoval = request.action === 'delete';
    const keptMs = isRemoval ? 0 : Math.min(limitMs * KEPT_FOR_REMOVAL, MOST_FOR_REMOVAL_MS);
    const leftMs = (): number => limitMs - keptMs - waitedMs;
    if (interrupted !== null) throw interrupted;
    while (leftMs() > 0 && isAsked !== 'nothing' && (isAsked === 'everything' || isRemoval)) {
      const askedAt = performance.now();
      const slow = setTimeout(tellSlow, SLOW_MS, limitMs);
      const signals = interruption();
      let answer: Awaited<ReturnType<typeof answerWithin>>;
      try {
        answer = await answerWithin(leftMs(), request, signals);
      } finally {
        signals.release();
        clearTimeout(slow);
      }
      waitedMs += performance.now() - askedAt;
      if (interrupted !== null) throw interrupted;
      if (answer === null) throw endedAgent();
      if (answer === TOO_LATE) {
        endAgent();
        isAsked = isRemoval ? 'nothing' : 'to remove';
      } else if (answer.unloadable !== undefined) throw unloadableBinding(answer.unloadable);
      else if (answer.fault === undefined) return answer.value;
      // The bus timed out before our limit: the request is idempotent and is repeated.
      else if (!isSilence(answer.fault)) throw keychainFault(answer.fault);
    }
    throw silentKeychain(limitMs);
  }

  function tellSlow(limitMs: number): void {
    if (!isSlowTold) options.onSlow?.(limitMs);
    isSlowTold = true;
  }

  /** Null when the agent has ended, by itself or since a signal has arrived. */
  async function answerWithin(
    ms: number,
    request: Request,
    signals: Interruption,
  ): Promise<Answer | null | typeof TOO_LATE> {
    if (agent !== null && hasEnded(agent)) endAgent();
    agent ??= (await import('./agent-process.js')).startAgent(options.agent, options.env);
    agent.child.stdin?.write(`${JSON.stringify({ service: KEYCHAIN_SERVICE, ...request })}\n`);
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<typeof TOO_LATE>((resolve) => {
      timer = setTimeout(resolve, Math.min(ms, LONGEST_TIMER_MS), TOO_LATE);
    });
    const next = await Promise.race([agent.lines.next(), tooLate, signals.arrived]);
    clearTimeout(timer);
    if (next === TOO_LATE) return TOO_LATE;
    if (typeof next === 'string') {
      const isCertain = request.action !== 'delete' || isTrial(request.account ?? '');
      interrupted = interruptedKeychain(next, isCertain);
      endAgent();
      return null;
    }
    if (next.done !== true) return JSON.parse(next.value) as Answer;
    endAgent();
    return null;
  }

  function endAgent(): void {
    agent?.reader.close();
    agent?.child.kill('SIGKILL');
    agent = null;
  }

  return {
    async get(account) {
      const value = await ask({ action: 'get', account });
      return typeof value === 'string' ? value : null;
    },
    async set(account, secret) {
      await ask({ action: 'set', account, secret });
    },
    async label(account, text) {
      labels ??= (await import('./entry-label.js')).entryLabels(options.env);
      // The attributes that the binding writes.
      await labels.set({ service: KEYCHAIN_SERVICE, username: account }, text);
    },
    async delete(account) {
      return (await ask({ action: 'delete', account })) === true;
    },
    async accounts() {
      const value = await ask({ action: 'accounts' });
      const accounts = Array.isArray(value) ? value.filter((account) => typeof account === 'string') : [];
      // Best effort: trial entries contain no secret.
      for (const account of accounts.filter(isLeftOver)) {
        await ask({ action: 'delete', account }).catch(() => false);
        if (interrupted !== null) throw interrupted;
      }
      return accounts;
    },
    renew() {
      waitedMs = 0;
    },
    close() {
      endAgent();
      labels?.end();
      waitedMs = 0;
    },
  };
}

const TOO_LATE = Symbol('too late');

function hasEnded({ child }: Agent): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
