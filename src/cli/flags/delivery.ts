import { type Command, Option } from 'commander';
import type { DestinationKind } from '../../domain/credential/version.js';
import { type Duration, parseDuration } from '../../domain/duration.js';
import { usageError } from '../../domain/errors.js';
import type { Delivery, Destination, StopRequest } from '../../domain/ports/ports.js';
import { quote } from '../../domain/text/quote.js';
import { REVEALS, revealFor } from '../delivery/reveal/reveal-choice.js';
import type { Host } from '../host/host.js';
import {
  renderSecret,
  SECRET_FORMATS,
  type SecretFormat,
  type SecretRendering,
  secretView,
  VARIABLE_FORMATS,
} from '../render/secret.js';
import { credentialView } from '../render/views.js';
import { note } from '../session.js';
import { duration, type GlobalOptions, oneOf } from './global.js';

/** Values of the delivery flags. */
export interface DeliveryFlags {
  readonly format?: (typeof SECRET_FORMATS)[number];
  readonly output?: string;
  readonly force?: true;
  /** True for `--print`, false for `--no-print`. */
  readonly print?: boolean;
  readonly envPrefix?: string;
  readonly keychain?: true;
  /** How it is shown on a terminal. */
  readonly reveal?: (typeof REVEALS)[number];
  /** Time limit of a command. */
  readonly timeout?: Duration;
}

/** The destinations of a secret, in delivery order. */
export interface DeliveryRoute {
  readonly destinations: readonly Destination[];
  /** Whether standard output carries the secret and nothing else may be printed there. */
  readonly usesStdout: boolean;
  readonly file: string | null;
  /** The program that receives the secret. */
  readonly command: string | null;
  readonly keychain: boolean;
}

/** Default time limit of a command that receives a secret. */
const COMMAND_TIMEOUT = '5m';

/** Adds the flags for destinations and formats of a secret. */
export function addDeliveryOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--format <format>',
        'how to write the secret: text, json, env, dotenv, k8s-secret, docker-secret (the secret without a newline) or github-actions (append it to $GITHUB_OUTPUT or $GITHUB_ENV; the log hides it) (default: text)',
      ).argParser(oneOf('--format', SECRET_FORMATS)),
    )
    .option('--output <file>', 'write the secret to a new file that only you can read')
    .option(
      '--force',
      'with --output: replace an existing file; keeps its owner, group and mode (without access for others), but no access control list',
    )
    .option('--keychain', "save a copy in the operating system's keychain")
    .option('--print', 'also print the secret, with --output or a COMMAND')
    .option('--no-print', 'do not print the secret')
    .addOption(
      new Option(
        '--reveal <how>',
        'how a terminal shows the secret: screen (a page that is cleared afterwards) or inline (default: screen)',
      ).argParser(oneOf('--reveal', REVEALS)),
    )
    .option(
      '--env-prefix <prefix>',
      'with env and dotenv: begin the names of the variables with this, not with the name of the credential',
    )
    .addOption(
      new Option('--timeout <duration>', `how long COMMAND may take (default: ${COMMAND_TIMEOUT})`).argParser(
        duration,
      ),
    );
}

/**
 * The destinations selected by the flags. A replaced file comes after the others, as that cannot be undone.
 *
 * @param stop ends a command that is taking the secret
 * @throws CredctlError `usage` for flags that contradict each other, or that leave no destination
 */
export function deliveryRoute(
  host: Host,
  globals: GlobalOptions,
  flags: DeliveryFlags,
  trailing: readonly string[] | null,
  document: {
    readonly prefix: string;
    readonly members: { readonly [key: string]: unknown };
    /** What a screen with the secret tells as well. */
    readonly facts?: () => readonly string[];
  },
  stop: StopRequest,
): DeliveryRoute {
  const file = flags.output ?? null;
  const usesStdout = flags.print ?? (file === null && trailing === null);
  if (flags.format === 'github-actions') refuseOutsideJob(host, globals, flags);
  refuseContradictions(globals, flags, trailing, usesStdout);
  const deliveredTo: DestinationKind[] = [
    ...(usesStdout ? ['stdout' as const] : []),
    ...(flags.keychain === true ? ['keychain' as const] : []),
    ...(file === null ? [] : ['file' as const]),
    ...(trailing === null ? [] : ['command' as const]),
  ];
  const rendering = (format: SecretFormat): SecretRendering => ({
    format,
    envPrefix: flags.envPrefix ?? null,
    document: (delivery) =>
      issuedMembers(delivery, document.prefix, host.clock.now(), deliveredTo, document.members),
  });
  const written = flags.format ?? (globals.quiet ? 'bare' : 'text');
  const printed = globals.json ? 'json' : written;
  // On a terminal a final newline keeps following notes on their own line.
  const end = printed === 'docker-secret' && host.out.isTerminal ? '\n' : '';
  const inline = host.stdoutDestination((delivery) => renderSecret(delivery, rendering(printed)) + end);
  const asText = (delivery: Delivery): string => renderSecret(delivery, rendering('text'));
  const screen = usesStdout ? revealFor(host, globals, flags, inline, asText, document.facts) : null;
  const toStdout = usesStdout ? [screen ?? inline] : [];
  const tell = (text: string): void => note(host, globals, text);
  const toFile =
    file === null
      ? []
      : [
          host.fileDestination(
            file,
            flags.force === true,
            (delivery) => renderSecret(delivery, rendering(written)),
            tell,
          ),
        ];
  const timeoutMs = (flags.timeout ?? parseDuration(COMMAND_TIMEOUT)).ms;
  const toCommand = trailing === null ? [] : [host.commandDestination(trailing, timeoutMs, stop)];
  const toKeychain = flags.keychain === true ? [host.keychainDestination(host.commonKeychain(tell))] : [];
  // Irreversible destinations come last.
  const [newFile, replacedFile] = flags.force === true ? [[], toFile] : [toFile, []];
  const destinations = [...newFile, ...toKeychain, ...toStdout, ...replacedFile, ...toCommand];
  return {
    destinations: flags.format === 'github-actions' ? host.maskedDestinations(destinations) : destinations,
    get usesStdout() {
      return usesStdout && screen?.isInline !== false;
    },
    file,
    command: trailing?.[0] ?? null,
    keychain: flags.keychain === true,
  };
}

function issuedMembers(
  delivery: Delivery,
  prefix: string,
  now: number,
  deliveredTo: readonly DestinationKind[],
  members: { readonly [key: string]: unknown },
): { readonly [key: string]: unknown } {
  return {
    credential: credentialView(delivery.credential, prefix, now),
    version: delivery.version.number,
    secret: secretView(delivery.secret),
    delivered_to: deliveredTo,
    ...members,
  };
}

function refuseContradictions(
  globals: GlobalOptions,
  flags: DeliveryFlags,
  trailing: readonly string[] | null,
  usesStdout: boolean,
): void {
  if (trailing?.length === 0)
    throw usageError("a command is missing after '--'", 'credctl … -- COMMAND ARGUMENT…');
  if (!usesStdout && flags.output === undefined && trailing === null && flags.keychain !== true) {
    throw usageError(
      'the secret has no destination',
      'leave out --no-print, or add --output FILE, --keychain, or -- COMMAND',
    );
  }
  if (flags.timeout !== undefined && trailing === null) {
    throw usageError('--timeout works only with a command', 'add -- COMMAND');
  }
  if (flags.reveal !== undefined && !usesStdout) {
    throw usageError('--reveal works only if the secret is printed', 'add --print, or leave out --reveal');
  }
  if (globals.json && usesStdout && flags.format !== undefined && flags.format !== 'json') {
    throw usageError(
      `--json and --format ${flags.format} cannot both go to standard output`,
      'leave one out, or send the formatted secret to a file with --output',
    );
  }
  if (flags.force === true && flags.output === undefined) {
    throw usageError('--force works only with --output', 'name the file to replace');
  }
  if (flags.output === '') throw usageError('--output is empty', 'give the path of a file');
  if (flags.output?.endsWith('/')) {
    throw usageError(`--output ${quote(flags.output)} names a directory`, 'add the name of the file');
  }
  if (flags.output === '-') {
    throw usageError(
      "--output '-' is not standard output",
      'leave --output out, or write ./- for a file of that name',
    );
  }
  if (flags.envPrefix === undefined) return;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(flags.envPrefix)) {
    throw usageError(
      `${quote(flags.envPrefix)} cannot begin the name of a variable`,
      'use letters, digits and underscores; do not begin with a digit',
    );
  }
  if (flags.format === undefined || !VARIABLE_FORMATS.has(flags.format)) {
    throw usageError(
      '--env-prefix needs a format with variables',
      `use one of these: ${[...VARIABLE_FORMATS].join(', ')}`,
    );
  }
}

/** Outside a job there is no runner to consume the masking command, which contains the secret. */
function refuseOutsideJob(host: Host, globals: GlobalOptions, flags: DeliveryFlags): void {
  if (host.env['GITHUB_ACTIONS'] !== 'true') {
    throw usageError(
      '--format github-actions works only in a GitHub Actions job',
      'GITHUB_ACTIONS is not true here; use --format dotenv',
    );
  }
  if (globals.json) {
    throw usageError(
      '--json and --format github-actions cannot be used together',
      'with github-actions, standard error tells the runner to hide the secret; leave out one of the two',
    );
  }
  const { output } = flags;
  if (output === undefined || ![host.env['GITHUB_ENV'], host.env['GITHUB_OUTPUT']].includes(output)) return;
  throw usageError(
    '--output replaces a file, and does not append to it',
    'leave out --output, and add >> "$GITHUB_OUTPUT" or >> "$GITHUB_ENV"',
  );
}
