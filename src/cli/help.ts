import type { Command } from 'commander';
import { exitMeaning } from './exit.js';

/** An invocation that works as it stands, and what it does. */
export type Example = readonly [command: string, purpose: string];

/** Node resets the signals that a process was started to ignore, so what nohup asks for cannot be noticed. */
export const ENDS_WITH_TERMINAL =
  'It ends with its terminal, under nohup too: use setsid or a systemd unit where it has to outlive it.';

/** Adds what every help text ends with: examples and exit codes. Made only when it is asked for. */
export function explain(command: Command, examples: readonly Example[], exits: readonly number[]): Command {
  return command.addHelpText('after', () => {
    const shown = examples.map(([line, purpose]) => `  # ${purpose}\n  $ ${line}`).join('\n\n');
    const codes = exits.map((code) => `  ${code}  ${exitMeaning(code)}`).join('\n');
    return `\nExamples:\n${shown}\n\nExit codes:\n${codes}`;
  });
}
