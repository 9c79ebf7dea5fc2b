import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { CredctlError } from '../domain/errors.js';
import { secretText } from '../domain/issued-secret.js';
import type { Delivery, Destination } from '../domain/ports.js';
import { quote } from '../domain/quote.js';
import { findProgram } from './find-program.js';

/** Time between asking a process group to end and ending it, in milliseconds. */
const PATIENCE_MS = 3_000;

/** Signals that end credctl, and with it the command that it waits for. */
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Gives the command a real pipe: what Node offers as a child's standard input is a socket, which cannot be opened
 * as /dev/stdin. The shell sees the command as its arguments, so nothing in it is interpreted.
 */
const THROUGH_A_PIPE = 'cat | exec "$@"';

export interface CommandDestinationOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's own mode mask, which the command runs with. */
  readonly umask: number;
  /** Asked at each signal that would end the command whether it does; every one does where nothing is said. */
  readonly isUrgent?: () => boolean;
}

/** How a command ended. */
type Ending =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'interrupted'; readonly signal: (typeof ENDING_SIGNALS)[number] }
  | { readonly kind: 'failed'; readonly fault: Error };

/**
 * A command as the place where a secret is handed over: the bare secret is its standard input, everything else is in
 * its environment, and exit status 0 means that it has taken the secret over.
 */
export function commandDestination(options: CommandDestinationOptions): Destination {
  const [name = ''] = options.command;
  return {
    kind: 'command',
    replaces: true,

    async preflight() {
      const found = findProgram(name, options.env);
      if ('path' in found) return;
      const fact = found.missing === 'not-found' ? 'was not found' : 'is not executable';
      throw new CredctlError('undelivered', `the command ${quote(name)} ${fact}`, {
        hint: 'nothing was changed; check the name and PATH',
      });
    },

    async deliver(delivery) {
      const ending = await run(options, delivery);
      if (ending.kind === 'exit' && ending.code === 0) return;
      throw failure(name, ending, options.timeoutMs);
    },

    async undo() {},
  };
}

async function run(options: CommandDestinationOptions, delivery: Delivery): Promise<Ending> {
  const child = start(options, environment(options.env, delivery));
  const secret = secretText(delivery.secret);
  // A command that does not read its input ends the pipe early; its exit status says whether that is a failure.
  child.stdin?.on('error', () => {});
  child.stdin?.end(secret);
  return new Promise((resolve) => {
    let cause: Ending | null = null;
    const endGroup = (because: Ending): void => {
      cause ??= because;
      signalGroup(child, 'SIGTERM');
      setTimeout(() => signalGroup(child, 'SIGKILL'), PATIENCE_MS).unref();
    };
    const timer = setTimeout(() => endGroup({ kind: 'timeout' }), options.timeoutMs);
    const onSignal = (signal: NodeJS.Signals): void => {
      if (options.isUrgent?.() === false) return;
      const known = ENDING_SIGNALS.find((candidate) => candidate === signal);
      endGroup({ kind: 'interrupted', signal: known ?? 'SIGTERM' });
    };
    for (const signal of ENDING_SIGNALS) process.on(signal, onSignal);
    const finish = (ending: Ending): void => {
      clearTimeout(timer);
      // The new secret is revoked now: a second signal, such as a closing terminal sends, must not prevent that.
      if (cause?.kind === 'interrupted') for (const signal of ENDING_SIGNALS) process.on(signal, () => {});
      for (const signal of ENDING_SIGNALS) process.off(signal, onSignal);
      if (cause !== null) signalGroup(child, 'SIGKILL');
      resolve(cause ?? ending);
    };
    child.once('error', (fault) => finish({ kind: 'failed', fault }));
    child.once('exit', (code, signal) =>
      finish(signal === null ? { kind: 'exit', code: code ?? 0 } : { kind: 'signal', signal }),
    );
  });
}

function start(options: CommandDestinationOptions, env: NodeJS.ProcessEnv): ChildProcess {
  const own = process.umask(options.umask);
  try {
    const [program = '', ...rest] = options.command;
    const isPosix = process.platform !== 'win32';
    return spawn(
      isPosix ? '/bin/sh' : program,
      isPosix ? ['-c', THROUGH_A_PIPE, 'sh', ...options.command] : rest,
      {
        env,
        stdio: ['pipe', 2, 2],
        detached: isPosix,
      },
    );
  } finally {
    process.umask(own);
  }
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

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

function failure(name: string, ending: Ending, timeoutMs: number): CredctlError {
  const hint = 'the new secret was revoked; earlier ones were not touched';
  const command = `the command ${quote(name)}`;
  switch (ending.kind) {
    case 'exit': {
      const signal = signalName(ending.code - 128);
      const how = signal === null ? `ended with exit status ${ending.code}` : `was ended by ${signal}`;
      return new CredctlError('undelivered', `${command} ${how}`, { hint });
    }
    case 'signal':
      return new CredctlError('undelivered', `${command} was ended by ${ending.signal}`, { hint });
    case 'timeout':
      return new CredctlError('undelivered', `${command} took longer than ${timeoutMs / 1_000} seconds`, {
        hint: `${hint}; give it more time with --timeout`,
      });
    case 'interrupted':
      return new CredctlError(
        ending.signal === 'SIGINT' ? 'interrupted' : 'terminated',
        `interrupted by ${ending.signal}`,
        {
          hint,
        },
      );
    case 'failed':
      return new CredctlError('undelivered', `${command} could not be started`, {
        hint,
        cause: ending.fault,
      });
  }
}

/** The signal of that number; a shell reports an end by signal as 128 and its number. */
function signalName(number: number): string | null {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? null;
}
