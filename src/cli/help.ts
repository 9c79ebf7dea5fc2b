import type { Command } from 'commander';
import { exitMeaning } from './exit.js';

/** A working invocation and its purpose. */
export type Example = readonly [command: string, purpose: string];

/** Node.js resets ignored signals at its start, so that nohup's ignored SIGHUP cannot be detected. */
export const ENDS_WITH_TERMINAL =
  'It ends with its terminal, under nohup too: use setsid or a systemd unit where it has to outlive it.';

/** Appends examples and exit codes to a help text; built lazily. */
export function explain(command: Command, examples: readonly Example[], exits: readonly number[]): Command {
  return command.addHelpText('after', () => {
    const shown = examples.map(([line, purpose]) => `  # ${purpose}\n  $ ${line}`).join('\n\n');
    const codes = exits.map((code) => `  ${code}  ${exitMeaning(code)}`).join('\n');
    return `\nExamples:\n${shown}\n\nExit codes:\n${codes}`;
  });
}
