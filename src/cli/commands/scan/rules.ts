import { Command, Option } from 'commander';
import { usageError } from '../../../domain/errors.js';
import { secretExpression } from '../../../domain/scan/rules/expression.js';
import { RULE_FORMATS, RULES, type RuleFormat } from '../../../domain/scan/rules/rules.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, type GlobalOptions, globalOptions, oneOf } from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { jsonDocument } from '../../render/json.js';
import { prefixFor } from './store-prefix.js';

/** Flags of `credctl scan rules`. */
export interface ScanRulesOptions {
  readonly format?: RuleFormat;
  readonly prefix?: string;
}

/** `credctl scan rules`. */
export function scanRulesCommand({ host }: CommandContext): Command {
  const command = new Command('rules')
    .summary('print a rule with which another scanner finds these secrets')
    .description(
      'Print a rule with which another scanner finds the secrets of this store: what it reads as its configuration, and for GitHub the fields of a custom pattern. Other scanners test no checksum, so that what they find may be no secret; scan reads their reports and tells.',
    )
    .addOption(
      new Option('--format <scanner>', `the scanner: ${RULE_FORMATS.join(', ')}`).argParser(
        oneOf('--format', RULE_FORMATS),
      ),
    )
    .option('--prefix <prefix>', "another prefix than the store's");
  addGlobalOptions(command).action((options: ScanRulesOptions) =>
    runScanRules(host, globalOptions(command), options),
  );
  return explain(
    command,
    [
      ['credctl scan rules --format gitleaks > .gitleaks.toml', 'find these secrets with gitleaks as well'],
      ['credctl scan rules --format github', "what to type into GitHub's form for a custom pattern"],
      ['credctl scan rules --format secretlint --prefix acme > .secretlintrc.json', 'without a store'],
    ],
    [0, 2, 8, 9],
  );
}

/** Prints the rule. */
export async function runScanRules(
  host: Host,
  globals: GlobalOptions,
  { format, prefix: given }: ScanRulesOptions,
): Promise<void> {
  if (format === undefined)
    throw usageError(
      'scan rules needs the name of a scanner',
      `give --format with one of: ${RULE_FORMATS.join(', ')}`,
    );
  const prefix = await prefixFor(host, globals, given);
  const rules = RULES[format](prefix);
  const expression = secretExpression(prefix);
  host.out.write(globals.json ? jsonDocument({ format, prefix, expression, rules }) : rules);
}
