import type { Command, CommanderError } from 'commander';
import { type CredctlError, usageError } from '../domain/errors.js';
import { didYouMean, nearest } from '../domain/nearest.js';
import { quote } from '../domain/quote.js';
import { operandsIn } from './program.js';

/** A quoted word that is longer than anybody wants to read. */
const LONG_WORD = /'([^']{80})[^']+'/g;

/** What the parser did not understand, as a fact and a hint. */
export function parseError(fault: CommanderError, program: Command, words: readonly string[]): CredctlError {
  const [first, second] = operandsIn(words);
  const group = program.commands.find((command) => command.name() === first && command.commands.length > 0);
  if (fault.code === 'commander.help') return missingCommand(group ?? program);
  if (fault.code === 'commander.unknownCommand')
    return unknownCommand(group ?? program, (group ? second : first) ?? '');
  if (fault.code === 'commander.excessArguments') {
    return group === undefined ? tooMany(program, first ?? '') : unknownCommand(group, second ?? '');
  }
  const [fact = '', suggestion = ''] = fault.message.split('\n');
  const meant = /^\(Did you mean (.+)\?\)$/.exec(suggestion)?.[1];
  const hint = meant === undefined ? 'add --help to see what is possible' : `did you mean ${meant}?`;
  return usageError(fact.replace(/^error: /, '').replace(LONG_WORD, "'$1…'"), hint);
}

function missingCommand(group: Command): CredctlError {
  return usageError(
    `a command is missing after '${group.name()}'`,
    `add one of: ${namesIn(group).join(', ')}`,
  );
}

/** There is no such command; the nearest and all others are named. */
export function unknownCommand(group: Command, word: string): CredctlError {
  const names = namesIn(group);
  return usageError(`unknown command ${quote(word)}`, didYouMean(nearest(word, names), names));
}

function tooMany(program: Command, name: string): CredctlError {
  const command = program.commands.find((candidate) => candidate.name() === name);
  const expected = command?.registeredArguments.length ?? 0;
  return usageError(
    `${name} takes ${expected === 0 ? 'no argument' : 'one argument'}, and more were given`,
    'a value with spaces needs quotes; options that repeat take one value each time',
  );
}

function namesIn(group: Command): readonly string[] {
  return group.commands.map((command) => command.name());
}
