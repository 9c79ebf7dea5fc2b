import type { Command, CommanderError } from 'commander';
import { type CredctlError, usageError } from '../domain/errors.js';
import { secretAsArgument } from '../domain/secret/secret-as-argument.js';
import { isSecretShape } from '../domain/secret/secret-format.js';
import { didYouMean, nearest } from '../domain/text/nearest.js';
import { quote } from '../domain/text/quote.js';
import { commandFor, WORDS_IN_GROUPS } from './other-words.js';
import { operandsIn } from './program.js';

/** A quoted word to be shortened. */
const LONG_WORD = /'([^']{80})[^']+'/g;

/** Translates a parser error into a fact and a hint. */
export function parseError(fault: CommanderError, program: Command, words: readonly string[]): CredctlError {
  const [first = '', second = ''] = operandsIn(words);
  const named = childOf(program, first);
  const group = named !== undefined && named.commands.length > 0 ? named : undefined;
  if (fault.code === 'commander.help') return missingCommand(group ?? program);
  if (fault.code === 'commander.unknownCommand')
    return unknownCommand(group ?? program, group ? second : first);
  const command = group === undefined ? named : childOf(group, second);
  if (fault.code === 'commander.excessArguments') {
    return command === undefined
      ? unknownCommand(group ?? program, group ? second : first)
      : tooMany(command, words);
  }
  const [fact = '', suggestion = ''] = fault.message.split('\n');
  const meant = /^\(Did you mean (.+)\?\)$/.exec(suggestion)?.[1];
  const hint = meant === undefined ? whatIsMissing(fault, command) : `did you mean ${meant}?`;
  return usageError(fact.replace(/^error: /, '').replace(LONG_WORD, "'$1…'"), hint);
}

function whatIsMissing({ code, message }: CommanderError, command: Command | undefined): string {
  const flag = /'(?:-\w, )?(--[\w-]+) <([^>]+)>'/.exec(message);
  if (code === 'commander.missingMandatoryOptionValue' && flag !== null) {
    return `add ${flag[1]} ${flag[2]?.toUpperCase()}`;
  }
  if (code === 'commander.missingArgument' && command !== undefined) {
    const operands = command.registeredArguments.map((argument) => argument.name().toUpperCase());
    return `credctl ${titleOf(command)} ${operands.join(' ')}`;
  }
  return 'add --help to see the options';
}

function missingCommand(group: Command): CredctlError {
  return usageError(
    `a command is missing after '${group.name()}'`,
    `add one of: ${namesIn(group).join(', ')}`,
  );
}

/** The error for an unknown command, with a suggestion and the valid names. */
export function unknownCommand(group: Command, word: string): CredctlError {
  if (isSecretShape(word)) return secretAsArgument('a command');
  const fact = `unknown command ${quote(word)}`;
  const names = namesIn(group);
  const known = group.parent === null ? commandFor(word) : commandInGroup(group, word, names);
  if (known !== null) return usageError(fact, `here it is ${known}`);
  return usageError(fact, didYouMean(nearest(word, names), names));
}

function commandInGroup(group: Command, word: string, names: readonly string[]): string | null {
  const own = Object.hasOwn(WORDS_IN_GROUPS, word) ? (WORDS_IN_GROUPS[word] ?? '') : '';
  if (own === '') return null;
  return names.includes(own) ? `'credctl ${titleOf(group)} ${own}'` : commandInGroup(group, own, names);
}

function tooMany(command: Command, words: readonly string[]): CredctlError {
  if (words.some(isSecretShape)) return secretAsArgument();
  const expected = command.registeredArguments.length;
  return usageError(
    `${titleOf(command)} takes ${expected === 0 ? 'no argument' : 'only one argument'}, and more were given`,
    NAMED_BY_OPTION[titleOf(command)] ??
      'put a value with spaces in quotes; repeat an option for each further value',
  );
}

/** What to type where a name was given to a command that takes none. */
const NAMED_BY_OPTION: Readonly<Record<string, string>> = {
  list: "'credctl show NAME' shows one credential; --search finds by a part of the name, --owner by the owner",
  'owner list': "'credctl owner show NAME' shows one owner",
  'audit list': 'add --target before the name of the credential or owner',
};

function childOf(parent: Command, name: string): Command | undefined {
  return parent.commands.find((command) => command.name() === name);
}

/** The words of a command without `credctl`, such as `owner show`. */
function titleOf(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${parent.name()} ${command.name()}`;
}

function namesIn(group: Command): readonly string[] {
  return group.commands.map((command) => command.name());
}
