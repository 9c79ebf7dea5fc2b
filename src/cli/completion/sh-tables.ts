import type { CommandLine, Place, ValuedFlag, Word } from './places.js';
import { quotedForSh } from './script-text.js';
import { encoded } from './sources.js';

/**
 * What bash and zsh have to know of our command line, as two functions that set variables of their caller:
 * `__credctl_place AT` sets `subcommands`, `flags`, `operands` and `repeats`; `__credctl_value AT FLAG` sets `source`,
 * and fails for a flag that takes no value.
 *
 * @param word how a subcommand or a flag is written in the tables
 */
export function shTables(commandLine: CommandLine, word: (word: Word) => string): string {
  return `${placeTable(commandLine.places, word)}\n${valueTable(commandLine.valuedFlags)}`;
}

function placeTable(places: readonly Place[], word: (word: Word) => string): string {
  const cases = places.map((place) => {
    const lines = [
      assignment('subcommands', place.commands.map(word)),
      assignment('flags', place.flags.map(word)),
      assignment('operands', place.operands.map(encoded)),
      ...(place.repeats ? ['      repeats=1'] : []),
    ];
    return [`    ${quotedForSh(place.at)})`, ...lines.filter((line) => line !== ''), '      ;;'].join('\n');
  });
  return `__credctl_place() {
  subcommands=() flags=() operands=() repeats=
  case $1 in
${cases.join('\n')}
  esac
}
`;
}

function assignment(name: string, words: readonly string[]): string {
  return words.length === 0 ? '' : `      ${name}=(${words.map(quotedForSh).join(' ')})`;
}

function valueTable(flags: readonly ValuedFlag[]): string {
  const cases = flags.map(({ names, at, source }) => {
    const patterns = names.map((name) => (at === null ? `*:${name}` : quotedForSh(`${at}:${name}`)));
    return `    ${patterns.join(' | ')}) source=${quotedForSh(encoded(source))} ;;`;
  });
  return `__credctl_value() {
  source=
  case $1:$2 in
${cases.join('\n')}
    *) return 1 ;;
  esac
}
`;
}
