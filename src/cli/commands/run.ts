import { Command } from 'commander';
import { usageError } from '../../domain/errors.js';
import type { ProgramOutcome } from '../../domain/ports/ports.js';
import { encodingsOf } from '../../domain/secret/masking.js';
import { quote, shellCommand, shellWord } from '../../domain/text/quote.js';
import { isActedUpon, parseVariableName } from '../../domain/text/variable-name.js';
import type { SavedSecret } from '../../usecases/keychain/saved-secret.js';
import { secretForProgram } from '../../usecases/keychain/secret-for-program.js';
import type { CommandContext } from '../command-context.js';
import { withKeychain } from '../delivery/with-keychain.js';
import { type ErrorView, EXIT_BROKEN_PIPE, EXIT_CODES, errorText } from '../exit.js';
import { addGlobalOptions, type GlobalOptions, globalOptions } from '../flags/global.js';
import { ENDS_WITH_TERMINAL, explain, NO_KEYCHAIN } from '../help.js';
import type { Host } from '../host/host.js';
import { namesOrPicked } from '../prompts/picker.js';
import { boldOn } from '../render/colour.js';
import { variablePrefix } from '../render/secret.js';
import { timeOrNull } from '../render/views.js';
import { note, noteLeftOut } from '../session.js';

/** `credctl run`. */
export function runCommand(context: CommandContext): Command {
  const command = new Command('run')
    .description(
      `Run a program with secrets from the keychain in its environment, and nowhere else. COMMAND has the terminal, standard input and signals as if you had started it directly. Its exit status is passed on: 128 plus the number of the signal if a signal ended it. ${ENDS_WITH_TERMINAL} In a container, start it with an init process (docker run --init, shareProcessNamespace in a Pod, or tini): credctl does not clean up the processes that COMMAND leaves behind.`,
    )
    .usage('[name[=VAR]...] [options] -- COMMAND [ARGUMENT...]')
    .argument(
      '[name...]',
      'a credential; VAR names the variable of an API key (default: NAME_API_KEY), and for OAuth two: VAR_CLIENT_ID and VAR_CLIENT_SECRET',
    )
    .option('--mask', 'print *** in place of the secrets in the output of COMMAND');
  addGlobalOptions(command).action((names: readonly string[], options: { readonly mask?: true }) =>
    runRun(context, globalOptions(command), names, options.mask === true),
  );
  return explain(
    command,
    [
      ['credctl run ci-bot -- ./deploy.sh', 'CI_BOT_API_KEY is set for the script'],
      [
        'credctl run crm-sync=CRM --mask -- npm test',
        'CRM_CLIENT_ID and CRM_CLIENT_SECRET, hidden in the output',
      ],
    ],
    [
      [0, 'COMMAND exited with 0; any other exit status of COMMAND is passed on'],
      2,
      3,
      4,
      [5, 'conflict: the saved secret no longer works, or the credential is stopped'],
      [6, NO_KEYCHAIN],
      8,
      9,
      126,
      127,
      130,
    ],
  );
}

/** Reads the secrets, runs the command, and exits with its status. */
export async function runRun(
  context: CommandContext,
  globals: GlobalOptions,
  given: readonly string[],
  mask: boolean,
): Promise<void> {
  const { host, trailing } = context;
  if (trailing === null || trailing.length === 0) {
    throw usageError('run needs a command', 'credctl run NAME -- COMMAND ARGUMENT…');
  }
  const names = await namesOrPicked(host, globals, given, {
    question: 'Credential with the saved secret',
    first: 'active',
    hint: 'credctl run NAME -- COMMAND ARGUMENT…',
  });
  const wanted = names.map(parseWanted);
  const found = await withKeychain(host, globals, async (deps) => {
    const chosen: Chosen[] = [];
    for (const { name, variable } of wanted) {
      chosen.push({ saved: await secretForProgram(deps, name), variable });
    }
    return chosen;
  });
  const variables = variablesOf(found);
  for (const { saved } of found) warnOfRetiring(host, globals, saved);
  const masked = mask ? found.flatMap(({ saved }) => encodingsOf(saved.secret)) : [];
  noteLeftOut(host, globals);
  const outcome = await host.runProgram(trailing, variables, masked);
  context.setExitCode(exitCodeOf(outcome, trailing[0] ?? '', host, globals));
}

interface Wanted {
  readonly name: string;
  readonly variable: string | null;
}

interface Chosen {
  readonly saved: SavedSecret;
  readonly variable: string | null;
}

function parseWanted(text: string): Wanted {
  const at = text.indexOf('=');
  if (at === 0) throw usageError("a name is missing before '='", 'credctl run NAME=VAR -- COMMAND');
  if (at === -1) return { name: text, variable: null };
  return { name: text.slice(0, at), variable: parseVariableName(text.slice(at + 1)) };
}

function warnOfRetiring(
  host: Host,
  globals: GlobalOptions,
  { credential, version, state }: SavedSecret,
): void {
  if (state !== 'retiring') return;
  note(
    host,
    globals,
    `note: the keychain's secret of ${credential.name} is version ${version.number}, which works until ${timeOrNull(version.retiresAt)}; save the next one with ${shellCommand(`credctl rotate ${shellWord(credential.name)} --keychain`)}`,
  );
}

/** The environment variables for the program; each belongs to one secret. */
function variablesOf(chosen: readonly Chosen[]): Readonly<Record<string, string>> {
  const variables = new Map<string, { readonly value: string; readonly name: string }>();
  for (const { saved, variable } of chosen) {
    const { name } = saved.credential;
    for (const [key, value] of variablesFor(saved, variable)) {
      const other = variables.get(key);
      if (other !== undefined)
        throw usageError(`the variable ${key} would be set for ${bothOf(other.name, name)}`, OTHER_VAR);
      if (isActedUpon(key))
        throw usageError(`${key} cannot hold a secret: it changes how programs behave`, OTHER_VAR);
      variables.set(key, { value, name });
    }
  }
  return Object.fromEntries([...variables].map(([key, { value }]) => [key, value]));
}

const OTHER_VAR = 'choose another variable with NAME=VAR';

function bothOf(one: string, other: string): string {
  return one === other ? `${one} twice` : `both ${one} and ${other}`;
}

function variablesFor(
  { credential, secret }: SavedSecret,
  variable: string | null,
): readonly (readonly [string, string])[] {
  const prefix = variable ?? variablePrefix(credential.name);
  if (credential.clientId === null) return [[variable ?? `${prefix}_API_KEY`, secret]];
  return [
    [`${prefix}_CLIENT_ID`, credential.clientId],
    [`${prefix}_CLIENT_SECRET`, secret],
  ];
}

/** Reports a command that could not be started as a shell does, and maps the outcome to an exit status. */
function exitCodeOf(outcome: ProgramOutcome, name: string, host: Host, globals: GlobalOptions): number {
  switch (outcome.kind) {
    case 'ended':
      return outcome.status;
    case 'not-found':
      return complain(host, globals, 127, {
        code: 'not_found',
        message: `the command ${quote(name)} was not found`,
        hint: 'check the name, PATH, and the first line if it is a script',
      });
    case 'not-executable':
      return complain(host, globals, 126, {
        code: 'denied',
        message: `the command ${quote(name)} cannot be executed`,
        hint: 'check that it is a program and that you may execute it',
      });
    case 'output-lost':
      if (outcome.code === 'EPIPE') return EXIT_BROKEN_PIPE;
      return complain(host, globals, EXIT_CODES.store_unavailable, {
        code: 'store_unavailable',
        message: `the output of the command could not be written (${outcome.code})`,
        hint: 'make room for the output, or send it elsewhere; the command itself has succeeded',
      });
  }
}

function complain(host: Host, globals: GlobalOptions, exitCode: number, view: ErrorView): number {
  host.err.write(errorText(view, globals.json, boldOn(host.env, host.err, globals)));
  return exitCode;
}
