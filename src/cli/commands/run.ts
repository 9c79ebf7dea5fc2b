import { Command } from 'commander';
import { usageError } from '../../domain/errors.js';
import { quote } from '../../domain/quote.js';
import { type SavedSecret, usableSavedSecret } from '../../usecases/saved-secret.js';
import type { CommandContext } from '../command-context.js';
import { explain } from '../help.js';
import type { Host } from '../host.js';
import { addGlobalOptions, type GlobalOptions, globalOptions } from '../options.js';
import { variablePrefix } from '../render/secret.js';
import { note } from '../session.js';
import { withKeychain } from '../with-keychain.js';

/** `credctl run`. */
export function runCommand(context: CommandContext): Command {
  const command = new Command('run')
    .summary('run a command with saved secrets in its environment')
    .description(
      'Run a command with secrets from the keychain in its environment, and in no other place. Exit status and signals are the command’s own.',
    )
    .usage('<name[=VAR]...> [options] -- COMMAND [ARGUMENT...]')
    .argument('<name...>', 'credentials; VAR names the variable, or for OAuth the prefix of two')
    .option('--mask', 'replace the secrets in what the command prints');
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
    [0, 2, 3, 4, 5, 6, 8, 9, 126, 127],
  );
}

/** Finds the secrets, starts the command, and ends the way it ends. */
export async function runRun(
  context: CommandContext,
  globals: GlobalOptions,
  names: readonly string[],
  mask: boolean,
): Promise<void> {
  const { host, trailing } = context;
  if (trailing === null || trailing.length === 0) {
    throw usageError('run needs a command', 'credctl run NAME -- COMMAND ARGUMENT…');
  }
  const wanted = names.map(parseWanted);
  const found = await withKeychain(host, globals, async (deps) => {
    const saved: { readonly saved: SavedSecret; readonly variable: string | null }[] = [];
    for (const { name, variable } of wanted) {
      saved.push({ saved: await usableSavedSecret(deps, name), variable });
    }
    return saved;
  });
  for (const { saved } of found) warnOfRetiring(host, globals, saved);
  const variables = Object.fromEntries(found.flatMap(({ saved, variable }) => variablesOf(saved, variable)));
  const masked = mask ? found.map(({ saved }) => saved.secret) : [];
  const status = await host.runProgram(trailing, variables, masked);
  if (status === 127) host.err.write(`credctl: the command ${quote(trailing[0] ?? '')} was not found\n`);
  if (status === 126) host.err.write(`credctl: the command ${quote(trailing[0] ?? '')} is not executable\n`);
  context.setExitCode(status);
}

function parseWanted(text: string): { name: string; variable: string | null } {
  const at = text.indexOf('=');
  if (at === -1) return { name: text, variable: null };
  const variable = text.slice(at + 1);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) {
    throw usageError(`${quote(variable)} cannot name a variable`, 'use letters, digits and underscores');
  }
  return { name: text.slice(0, at), variable };
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
    `note: the keychain's secret of ${credential.name} is version ${version.number}, which is retiring`,
  );
}

function variablesOf(
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
