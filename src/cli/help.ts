import type { Command } from 'commander';
import { exitMeaning } from './exit.js';
import { bold } from './render/colour.js';
import { wrapWords } from './render/description/wrap.js';

/** A working invocation and its purpose. */
export type Example = readonly [command: string, purpose: string];

/** Node.js resets ignored signals at its start, so that nohup's ignored SIGHUP cannot be detected. */
export const ENDS_WITH_TERMINAL =
  'It ends with its terminal, under nohup too: use setsid or a systemd unit where it has to outlive it.';

/** The argument of a command on one credential, and of one on several. */
export const NAME_HELP = 'name, id, client id or handle; without one, a terminal offers a list to pick from';
export const NAMES_HELP =
  'names, ids, client ids or handles; without one, a terminal offers a list to pick from';

/** Columns before the meaning of an exit code. */
const MEANING_AT = '  130  '.length;

/** Appends examples and exit codes to a help text; built lazily. The parser takes the bold away where there is no colour. */
export function explain(command: Command, examples: readonly Example[], exits: readonly number[]): Command {
  return command.addHelpText('after', () => {
    const width = command.configureOutput().getOutHelpWidth?.() ?? Number.POSITIVE_INFINITY;
    const shown = examples.map(([line, purpose]) => `  # ${purpose}\n  $ ${line}`).join('\n\n');
    const codes = exits.map((code) => exitLines(code, width)).join('\n');
    return `\n${bold('Examples:')}\n${shown}\n\n${bold('Exit codes:')}\n${codes}`;
  });
}

function exitLines(code: number, width: number): string {
  const lines = wrapWords(exitMeaning(code), width - MEANING_AT);
  return `  ${code}  ${lines.join(`\n${' '.repeat(MEANING_AT)}`)}`;
}
