import { type Command, Help } from 'commander';
import { exitMeaning } from './exit.js';
import { bold } from './render/colour.js';
import { wrapWords } from './render/description/wrap.js';

/** A working invocation and its purpose. */
export type Example = readonly [command: string, purpose: string];

/** Node.js resets ignored signals at its start, so that nohup's ignored SIGHUP cannot be detected. */
export const ENDS_WITH_TERMINAL =
  'Closing the terminal ends credctl, even under nohup; to keep it running, use setsid or a systemd unit.';

/** How a command after `--` gets the secret. */
export const COMMAND_HELP =
  'COMMAND, after --, reads the secret from its standard input. Its environment has CREDCTL_NAME, CREDCTL_ID, CREDCTL_TYPE, CREDCTL_CLIENT_ID (empty for an API key), CREDCTL_VERSION and CREDCTL_HANDLE.';

/** The argument of a command on one credential, and of one on several. */
export const NAME_HELP = 'name, id, client id or handle; leave it out on a terminal to pick from a list';
export const NAMES_HELP =
  'names, ids, client ids or handles; leave them out on a terminal to pick from a list';

/** An exit status with its general meaning, or with its own for a command. */
export type Exit = number | readonly [status: number, meaning: string];

/** Meanings of exit codes that several commands share. */
export const UNFINISHED =
  'partial: the secret may have been delivered, but the delivery is not complete; the message says what to do';
export const SOME_FAILED = 'partial: some were done and some failed';
export const STILL_USED = 'conflict: a credential was used recently (--unless-used-within)';
export const IN_USE =
  'conflict: used recently (--unless-used-within), edited since (--if-revision), no use recorded (--unused-for), or being created';
export const SCOPES_IN_USE =
  'conflict: a credential has a scope that the new catalog leaves out, or the catalog was changed after the difference was shown';
export const COPY = 'conflict: the store is a copy, and the keychain has the secrets of the original';
export const NO_KEYCHAIN = 'undelivered: the keychain cannot be used';

/** How a duration is written; help says so wherever a flag takes one. */
export const DURATION_HELP =
  'A duration is a whole number and a unit: s, m, h, d or w (weeks). Examples: 90s, 24h, 90d.';

/** Columns before the meaning of an exit code. */
const MEANING_AT = '  130  '.length;

/**
 * Adds examples, after the description, and exit codes, at the end, to a help text; built lazily. The parser takes the
 * bold away where there is no colour.
 */
export function explain(command: Command, examples: readonly Example[], exits: readonly Exit[]): Command {
  return command
    .configureHelp({
      formatHelp: (of, helper) => withExamples(Help.prototype.formatHelp.call(helper, of, helper), examples),
    })
    .addHelpText('after', () => {
      const width = command.configureOutput().getOutHelpWidth?.() ?? Number.POSITIVE_INFINITY;
      const codes = exits.map((exit) => exitLines(exit, width)).join('\n');
      const durations = takesDuration(command) ? `\n${wrapWords(DURATION_HELP, width).join('\n')}\n` : '';
      return `${durations}\n${bold('Exit codes:')}\n${codes}`;
    });
}

/** The parser's help with what is read first at the front: synopsis, description, commands of a group, examples. */
function withExamples(help: string, examples: readonly Example[]): string {
  const [synopsis = '', description = '', ...rest] = help.trimEnd().split('\n\n');
  const isCommands = (paragraph: string): boolean => paragraph.startsWith(bold('Commands:'));
  const shown = examples.map(([line, purpose]) => `  # ${purpose}\n  $ ${line}`).join('\n\n');
  const paragraphs = [
    ...[synopsis, description],
    ...rest.filter(isCommands),
    `${bold('Examples:')}\n${shown}`,
    ...rest.filter((paragraph) => !isCommands(paragraph)),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

/** Whether an option of the command takes a duration. */
function takesDuration(command: Command): boolean {
  return command.options.some(({ flags }) => flags.endsWith('<duration>'));
}

function exitLines(exit: Exit, width: number): string {
  const [code, meaning] = typeof exit === 'number' ? [exit, exitMeaning(exit)] : exit;
  const lines = wrapWords(meaning, width - MEANING_AT);
  return `  ${code}  ${lines.join(`\n${' '.repeat(MEANING_AT)}`)}`;
}
