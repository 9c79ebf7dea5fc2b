import { constants } from 'node:os';
import { CredctlError } from '../domain/errors.js';
import { secretText } from '../domain/issued-secret.js';
import type { Delivery, Destination } from '../domain/ports.js';
import { quote } from '../domain/quote.js';
import type { EndingSignal, HeldSignals } from './ending-signals.js';
import { type FeedEnding, feedCommand } from './feed-command.js';
import { findProgram } from './find-program.js';

const UNTOUCHED = 'the new secret was revoked; earlier ones were not touched';

export interface CommandDestinationOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's own mode mask, which the command runs with. */
  readonly umask: number;
  /** Holds the signals back that would end this process; asked once there is something to protect from them. */
  readonly signals: () => HeldSignals;
}

/**
 * A command as the place where a secret is handed over: the bare secret is its standard input, everything else is in
 * its environment, and exit status 0 means that it has taken the secret over.
 */
export function commandDestination(options: CommandDestinationOptions): Destination {
  const [name = '', ...args] = options.command;
  const { env, umask, timeoutMs } = options;
  return {
    kind: 'command',
    replaces: true,

    async preflight() {
      pathOf(name, env, 'nothing was changed; check the name and PATH');
      refuseInterrupted(options.signals(), 'nothing was changed');
    },

    async deliver(delivery) {
      const signals = options.signals();
      refuseInterrupted(signals, UNTOUCHED);
      const ending = await feedCommand({
        path: pathOf(name, env, UNTOUCHED),
        args,
        env: environment(env, delivery),
        umask,
        input: secretText(delivery.secret),
        timeoutMs,
        signals,
      });
      if (ending.kind === 'exit' && ending.code === 0) return;
      throw failure(name, ending, timeoutMs);
    },

    async undo() {},
  };
}

function pathOf(name: string, env: CommandDestinationOptions['env'], hint: string): string {
  const found = findProgram(name, env);
  if ('path' in found) return found.path;
  const fact = found.missing === 'not-found' ? 'was not found' : 'is not executable';
  throw new CredctlError('undelivered', `the command ${quote(name)} ${fact}`, { hint });
}

function refuseInterrupted({ arrived }: HeldSignals, hint: string): void {
  if (arrived !== null) throw interrupted(arrived, hint);
}

function environment(
  env: CommandDestinationOptions['env'],
  { credential, version, handle, secret }: Delivery,
): NodeJS.ProcessEnv {
  return {
    ...env,
    CREDCTL_NAME: credential.name,
    CREDCTL_ID: credential.id,
    CREDCTL_TYPE: credential.type,
    CREDCTL_CLIENT_ID: secret.type === 'oauth2' ? secret.clientId : '',
    CREDCTL_VERSION: String(version.number),
    CREDCTL_HANDLE: handle,
  };
}

function failure(name: string, ending: FeedEnding, timeoutMs: number): CredctlError {
  const command = `the command ${quote(name)}`;
  switch (ending.kind) {
    case 'exit': {
      const signal = signalName(ending.code - 128);
      const how = signal === null ? `ended with exit status ${ending.code}` : `was ended by ${signal}`;
      return new CredctlError('undelivered', `${command} ${how}`, { hint: UNTOUCHED });
    }
    case 'signal':
      return new CredctlError('undelivered', `${command} was ended by ${ending.signal}`, { hint: UNTOUCHED });
    case 'timeout':
      return new CredctlError('undelivered', `${command} took longer than ${timeoutMs / 1_000} s`, {
        hint: `${UNTOUCHED}; give it more time with --timeout`,
      });
    case 'interrupted':
      return interrupted(ending.signal, UNTOUCHED);
    case 'failed':
      return new CredctlError('undelivered', `${command} could not be started`, {
        hint: UNTOUCHED,
        cause: ending.fault,
      });
  }
}

function interrupted(signal: EndingSignal, hint: string): CredctlError {
  const code = signal === 'SIGINT' ? 'interrupted' : 'terminated';
  return new CredctlError(code, `interrupted by ${signal}`, { hint });
}

/** The signal of that number; a shell reports an end by signal as 128 and its number. */
function signalName(number: number): string | null {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? null;
}
