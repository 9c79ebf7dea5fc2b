import { type Command, CommanderError } from 'commander';
import { hintForTyped } from '../domain/secret/secret-as-argument.js';
import { quote } from '../domain/text/quote.js';
import { isUndecodable, undecodable } from '../domain/text/utf8.js';
import { brokenProgramView, EXIT_BROKEN_PIPE, EXIT_CODES, errorText, errorView, masked } from './exit.js';
import { BrokenPipe, type Host } from './host/host.js';
import { parseError, unknownCommand } from './parse-error.js';
import { buildProgram, commandIn, isCommand } from './program.js';
import { boldOn } from './render/colour.js';

/**
 * Runs one command.
 *
 * @param argv the arguments after the program's name
 * @returns the exit status
 */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  // Handled outside the command tree, so that help and suggestions omit it.
  if (argv[0] === '__complete') {
    const { complete } = await import('./completion/complete.js');
    return complete(argv.slice(1), host);
  }
  let exitCode = 0;
  const { words, trailing } = splitTrailing(helpAsFlag(argv));
  try {
    refuseUndecodable(argv);
    const program = await buildProgram(
      { host, words, trailing, setExitCode: (code) => (exitCode = code) },
      words,
    );
    if (words.length === 0) {
      program.outputHelp();
      return 0;
    }
    const name = commandIn(words);
    refuseUnknown(program, words, name);
    await parse(program, words);
    return exitCode;
  } catch (fault) {
    return report(fault, host, argv);
  }
}

/** Node.js decodes arguments: invalid UTF-8 is lost, and the rest would name something else. */
function refuseUndecodable(argv: readonly string[]): void {
  const at = argv.findIndex(isUndecodable);
  if (at !== -1) throw undecodable(`argument ${at + 1} (${quote(argv[at] ?? '')})`);
}

async function parse(program: Command, words: readonly string[]): Promise<void> {
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (fault) {
    if (!(fault instanceof CommanderError)) throw fault;
    if (fault.exitCode !== 0 || fault.code === 'commander.help') throw parseError(fault, program, words);
  }
}

/** Checked before the parser, which would show help for a mistyped command with `--help`. */
function refuseUnknown(program: Command, words: readonly string[], name: string | null): void {
  if (name === null) return;
  if (!isCommand(name)) throw unknownCommand(program, name);
  const group = program.commands.find((command) => command.name() === name);
  const next = words[words.indexOf(name) + 1];
  if (group === undefined || next === undefined || next.startsWith('-')) return;
  // A command with arguments of its own takes any word.
  if (group.commands.length === 0 || group.registeredArguments.length > 0) return;
  if (!group.commands.some((command) => command.name() === next)) throw unknownCommand(group, next);
}

function report(fault: unknown, host: Host, argv: readonly string[]): number {
  if (fault instanceof BrokenPipe) return EXIT_BROKEN_PIPE;
  if (host.env['CREDCTL_DEBUG'] === '1') tell(host, debugText(fault));
  const broken = host.brokenProgram(fault);
  const { hint, ...said } = broken === null ? errorView(fault) : brokenProgramView(fault, broken);
  const view = { ...said, hint: hintForTyped(hint, splitTrailing(argv).words) };
  const emphasise = boldOn(host.env, host.err, { color: !hasFlag(argv, '--no-color') });
  tell(host, errorText(view, hasFlag(argv, '--json'), emphasise));
  return EXIT_CODES[view.code];
}

/** A failure to write is ignored: the exit status reports the error. */
function tell(host: Host, text: string): void {
  try {
    host.err.write(text);
  } catch {}
}

/** Commands that pass the arguments after `--` to another command. */
const STARTS_A_COMMAND: ReadonlySet<string | null> = new Set(['create', 'rotate', 'run', 'scan']);

function splitTrailing(argv: readonly string[]): {
  words: readonly string[];
  trailing: readonly string[] | null;
} {
  const end = argv.indexOf('--');
  if (end === -1 || !STARTS_A_COMMAND.has(commandIn(argv))) return { words: argv, trailing: null };
  return { words: argv.slice(0, end), trailing: argv.slice(end + 1) };
}

/** Rewrites `credctl help rotate` to `credctl rotate --help`. */
function helpAsFlag(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  return first === 'help' ? [...rest, '--help'] : argv;
}

function hasFlag(argv: readonly string[], flag: string): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).includes(flag);
}

function debugText(fault: unknown): string {
  const trace = fault instanceof Error ? (fault.stack ?? String(fault)) : String(fault);
  const cause =
    fault instanceof Error && fault.cause !== undefined ? `caused by: ${debugText(fault.cause)}` : '';
  return `${masked(trace)}\n${cause}`;
}
