import type { Command } from 'commander';

/** An invocation that works as it stands, and what it does. */
export type Example = readonly [command: string, purpose: string];

const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'unexpected: a bug or something not foreseen',
  2: 'usage: a bad or missing argument, an invalid value, an unknown scope',
  3: 'not_found: no such credential, owner, API or file',
  4: "denied: not valid, or the store's permissions refuse you",
  5: 'conflict: name taken, rotation in progress, catalog entry in use, integration not switched yet',
  6: 'undelivered: the secret could not be handed over; nothing live was left behind',
  7: 'partial: some of many done; delivered but not completed; or ended by us, so that nobody can tell',
  8: 'store_unavailable: cannot open, read-only, disk full, busy past 30 s, network file system',
  9: 'integrity: store or audit trail damaged or altered',
  126: 'the command cannot be executed',
  127: 'the command was not found',
  130: 'interrupted (Ctrl-C, or a question answered with no)',
  141: 'whoever read the output closed it early',
  143: 'terminated',
};

/** Node resets the signals that a process was started to ignore, so what nohup asks for cannot be noticed. */
export const ENDS_WITH_TERMINAL =
  'It ends with its terminal, under nohup too: use setsid or a systemd unit where it has to outlive it.';

/** Adds what every help text ends with: examples and exit codes. Made only when it is asked for. */
export function explain(command: Command, examples: readonly Example[], exits: readonly number[]): Command {
  return command.addHelpText('after', () => {
    const shown = examples.map(([line, purpose]) => `  # ${purpose}\n  $ ${line}`).join('\n\n');
    const codes = exits.map((code) => `  ${code}  ${EXIT_MEANINGS[code] ?? ''}`).join('\n');
    return `\nExamples:\n${shown}\n\nExit codes:\n${codes}`;
  });
}
