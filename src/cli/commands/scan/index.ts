import { Command, Option } from 'commander';
import { usageError } from '../../../domain/errors.js';
import { parsePrefix } from '../../../domain/secret/secret-format.js';
import { quote } from '../../../domain/text/quote.js';
import { REMEDIES } from '../../../usecases/scan/revoke.js';
import type { CommandContext } from '../../command-context.js';
import {
  addGlobalOptions,
  collect,
  duration,
  globalOptions,
  oneOf,
  wholeNumber,
} from '../../flags/global.js';
import { explain } from '../../help.js';
import { scanHookCommand } from './hook.js';
import { SCAN_FORMATS } from './report.js';
import { scanRulesCommand } from './rules.js';
import { runScan, type ScanOptions } from './run.js';

/** `credctl scan`. */
export function scanCommand(context: CommandContext): Command {
  const command = new Command('scan')
    .description(
      'Look for leaked secrets in files, in the history of a git repository or in a text. Each one is recognised by its checksum, and looked up in the store: whose it is, and whether it still works. Nothing is sent anywhere, only handles are shown, and looking does not count as a use.',
    )
    .usage('[options] [path...] [-- COMMAND [ARGUMENT...]]')
    .argument('[path...]', 'files and directories (default: the present directory)')
    .option('--history', 'scan all that the git repository has ever held, in place of the files')
    .option('--staged', 'scan what is about to be committed; any secret is a finding')
    .option('--stdin', 'scan standard input: a text, or the JSON report of another scanner')
    .option('--offline', 'ask no store; any secret is a finding')
    .option('--no-ignore', 'scan files that git ignores as well')
    .option(
      '--exclude <glob>',
      'leave out files and directories that fit, such as "*.log"; repeatable',
      collectPattern,
    )
    .addOption(
      new Option(
        '--prefix <prefix>',
        "also look for secrets with this prefix; repeatable (default: the store's)",
      ).argParser((text: string, earlier: readonly string[] | undefined) =>
        collect(parsePrefix(text), earlier),
      ),
    )
    .addOption(
      new Option('--format <format>', 'text, json or sarif (default: text)').argParser(
        oneOf('--format', SCAN_FORMATS),
      ),
    );
  command.addOption(
    new Option(
      '--jobs <n>',
      'how many threads scan files (default: one for each processor, at most 8)',
    ).argParser(wholeNumber('--jobs', 1, 64)),
  );
  addRevokeOptions(command);
  command
    .addCommand(scanRulesCommand(context))
    .addCommand(scanHookCommand(context))
    .enablePositionalOptions();
  addGlobalOptions(command).action((paths: readonly string[], options: ScanOptions) =>
    runScan(context, globalOptions(command), paths, options),
  );
  return explain(
    command,
    [
      ['credctl scan', 'is there a secret in the files of this directory?'],
      ['credctl scan --history', 'was there ever one in this repository?'],
      ['credctl scan --staged --offline', 'in a hook: is one about to be committed?'],
      ['credctl scan --stdin < mail.txt', 'what is the string in this mail?'],
      ['credctl scan --history --revoke deactivate', 'stop what is found and still works; asks first'],
    ],
    [
      [0, 'no secret that works was found'],
      2,
      [3, 'not_found: a path does not exist, or is in no git repository'],
      4,
      [7, 'partial: something could not be read; what could be read has no secret that works'],
      8,
      9,
      10,
      130,
    ],
  );
}

function addRevokeOptions(command: Command): void {
  command
    .addOption(
      new Option(
        '--revoke <how>',
        'stop what works: deactivate its credential, or rotate-now, which delivers a new secret and revokes the others; asks first',
      ).argParser(oneOf('--revoke', REMEDIES)),
    )
    .option('--keychain', "with rotate-now: save the new secrets in the operating system's keychain")
    .option('--output-dir <directory>', 'with rotate-now: write each new secret to a file there')
    .addOption(
      new Option(
        '--timeout <duration>',
        'with rotate-now: how long COMMAND may take (default: 5m)',
      ).argParser(duration),
    );
}

function collectPattern(text: string, earlier: readonly string[] | undefined): readonly string[] {
  if (/^\/*$/.test(text))
    throw usageError(`--exclude ${quote(text)} fits nothing`, 'such as --exclude "*.log"');
  return collect(text, earlier);
}
