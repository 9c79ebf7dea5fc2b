import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { codeOfSignal, type EndingSignal, isEndingSignal } from '../../domain/ending-signal.js';
import { CredctlError, DeliveryInDoubt } from '../../domain/errors.js';
import type { Delivery, Destination, StopRequest } from '../../domain/ports/ports.js';
import { secretText } from '../../domain/secret/issued-secret.js';
import { quote } from '../../domain/text/quote.js';
import { findProgram } from '../program/find-program.js';
import type { FeedEnding } from './feed-command.js';

const UNTOUCHED = 'the new secret was revoked; nothing else was changed';

/** Maximum delay of a signal sent both to the command and to this process, in milliseconds. */
const SENT_TO_BOTH_MS = 100;

type Environment = Readonly<Record<string, string | undefined>>;

/** Options of {@link commandDestination}. */
export interface CommandDestinationOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Time limit in milliseconds. */
  readonly timeoutMs: number;
  /** The environment, except for the variables about the secret; called right before the command runs. */
  readonly env: () => Environment;
  /** The user's umask, which the command runs with. */
  readonly umask: number;
  /** Signals that end the running command. */
  readonly stop: StopRequest;
}

/**
 * A command as a destination: it reads the bare secret from standard input, everything else from its
 * environment. Exit status 0 confirms receipt, whatever else happened. After an end from outside, the outcome
 * is in doubt: it may have received the secret without reporting it.
 */
export function commandDestination(options: CommandDestinationOptions): Destination {
  const [name = '', ...args] = options.command;
  const { env, umask, timeoutMs, stop } = options;
  return {
    kind: 'command',
    replaces: true,
    leaseMs: timeoutMs,

    async preflight() {
      pathOf(name, env(), 'nothing was changed; check the name, PATH, and that the file is executable');
    },

    async deliver(delivery) {
      const { feedCommand, isSuccess } = await import('./feed-command.js');
      const ending = await feedCommand({
        path: pathOf(name, env(), UNTOUCHED),
        args,
        env: environment(env(), delivery),
        umask,
        input: secretText(delivery.secret),
        timeoutMs,
        stop,
      });
      if (isSuccess(ending)) return;
      throw failure(name, ending, timeoutMs, await interruption(ending, stop));
    },

    async undo() {},
  };
}

/**
 * The signal that the command ended for: forwarded to it, or sent to both processes, as when a control group is
 * terminated. In the latter case either process may end first.
 */
async function interruption({ how, endedFor }: FeedEnding, stop: StopRequest): Promise<EndingSignal | null> {
  if (endedFor !== null) return endedFor.kind === 'signal' ? endedFor.signal : null;
  const arrived = await stop.signal();
  const fatal = signalOf(how);
  if (fatal === null || !isEndingSignal(fatal)) return stop.isUrgent ? arrived : null;
  if (arrived === null) await pause(SENT_TO_BOTH_MS);
  return stop.signal();
}

function pathOf(name: string, env: Environment, hint: string): string {
  const found = findProgram(name, env);
  if ('path' in found) return found.path;
  const fact = found.missing === 'not-found' ? 'was not found' : 'is not executable';
  throw new CredctlError('undelivered', `the command ${quote(name)} ${fact}`, { hint });
}

function environment(env: Environment, { credential, version, handle, secret }: Delivery): NodeJS.ProcessEnv {
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

function failure(
  name: string,
  { how, hasBegun, endedFor }: FeedEnding,
  timeoutMs: number,
  interruptedBy: EndingSignal | null,
): CredctlError {
  const command = `the command ${quote(name)}`;
  if (interruptedBy !== null) {
    const fact = `interrupted by ${interruptedBy}`;
    const code = codeOfSignal(interruptedBy);
    if (!hasBegun) return new CredctlError(code, fact, { hint: UNTOUCHED });
    return new DeliveryInDoubt(`${fact} while ${command} was running with the secret`, { code });
  }
  if (endedFor !== null) {
    const fact = `${command} took longer than ${timeoutMs / 1_000} s`;
    if (hasBegun) return new DeliveryInDoubt(`${fact} and was ended`);
    return new CredctlError('undelivered', fact, { hint: `${UNTOUCHED}; give it more time with --timeout` });
  }
  if (how.kind === 'unfit-shell') {
    return new CredctlError(
      'undelivered',
      '/bin/sh has no built-in printf to pass the secret to the command',
      {
        hint: `${UNTOUCHED}; use dash, bash or busybox as /bin/sh, or use --output`,
      },
    );
  }
  if (how.kind === 'failed') {
    return new CredctlError('undelivered', `${command} could not be started`, {
      hint: UNTOUCHED,
      cause: how.fault,
    });
  }
  if (!hasBegun)
    return new CredctlError('undelivered', `/bin/sh did not start ${command}`, { hint: UNTOUCHED });
  if (how.kind === 'signal')
    return new DeliveryInDoubt(`the shell that ran ${command} was ended by ${how.signal}`);
  const signal = signalOf(how);
  const end =
    signal === null && how.kind === 'exit' ? `ended with exit status ${how.code}` : `was ended by ${signal}`;
  return new CredctlError('undelivered', `${command} ${end}`, { hint: UNTOUCHED });
}

/** The signal that ended it, or null. Shells report a signal as exit status 128 plus its number. */
function signalOf(how: FeedEnding['how']): string | null {
  if (how.kind === 'signal') return how.signal;
  if (how.kind !== 'exit') return null;
  return Object.entries(constants.signals).find(([, value]) => value === how.code - 128)?.[0] ?? null;
}
