import { Command } from 'commander';
import { hookCommand, preCommitHook } from '../../../domain/scan/hook.js';
import { quote } from '../../../domain/text/quote.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, type GlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { jsonDocument } from '../../render/json.js';
import { note } from '../../session.js';
import { prefixFor } from './store-prefix.js';

/** Flags of `credctl scan hook`. */
export interface ScanHookOptions {
  readonly install?: boolean;
  readonly prefix?: string;
}

/** `credctl scan hook`. */
export function scanHookCommand({ host }: CommandContext): Command {
  const command = new Command('hook')
    .summary('print or install a hook of git that stops commits with secrets')
    .description(
      'Print a pre-commit hook of git, which stops a commit that holds a secret of this store. It asks no store, so that it works on every machine with credctl on its path; where credctl is missing, it stops the commit and says so.',
    )
    .option('--install', "write it into the repository's directory of hooks; another hook is never replaced")
    .option('--prefix <prefix>', "another prefix than the store's");
  addGlobalOptions(command).action((options: ScanHookOptions) =>
    runScanHook(host, globalOptions(command), options),
  );
  return explain(
    command,
    [
      ['credctl scan hook --install', 'scan what is about to be committed in this repository'],
      ['credctl scan hook --install --prefix acme', 'the same on a machine without a store'],
      ['credctl scan hook > .husky/pre-commit', 'for a manager of hooks'],
    ],
    [
      0,
      2,
      [3, 'not_found: this is no git repository, or git is not installed'],
      [5, 'conflict: the repository has another pre-commit hook'],
      8,
      9,
    ],
  );
}

/** Prints the hook, or installs it. */
export async function runScanHook(
  host: Host,
  globals: GlobalOptions,
  { install = false, prefix: given }: ScanHookOptions,
): Promise<void> {
  const prefix = await prefixFor(host, globals, given);
  const hook = preCommitHook(prefix);
  if (!install) return host.out.write(globals.json ? jsonDocument({ prefix, hook }) : hook);
  const { path, isNew } = await host.installHook(hook, hookCommand(prefix));
  if (globals.json) host.out.write(jsonDocument({ prefix, hook, path, installed: isNew }));
  note(
    host,
    globals,
    isNew
      ? `wrote ${quote(path)}; 'git commit --no-verify' commits once without it`
      : `${quote(path)} is this hook already`,
  );
}
