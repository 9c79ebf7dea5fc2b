import type { Command, Option } from 'commander';
import type { TypedWord } from '../../domain/text/typed-words.js';
import { acceptedOptions, subcommands } from '../command-tree.js';
import { type NameKind, type Source, sourceOfArgument, sourceOfFlag } from './sources.js';

/** A completion candidate with its description. */
export interface Candidate {
  readonly value: string;
  readonly meaning: string;
}

/** What is expected at the cursor. */
export interface Expected {
  readonly kind: 'command' | 'option' | 'value' | NameKind | 'files' | 'directories' | 'none';
  /** The part of the word before the value: `--flag=`, or nothing. */
  readonly before: string;
  /** All candidates from the command tree. */
  readonly candidates: readonly Candidate[];
}

/** The position of the cursor in a command line. */
export interface Position {
  readonly expected: Expected;
  /** The value of `--store` on the line. */
  readonly store: TypedWord | undefined;
}

/**
 * Walks the command tree along the words, as the parser would, and determines what the last one may be.
 *
 * @param program a tree in which the named command is fully built
 */
export function positionAt(program: Command, words: readonly TypedWord[]): Position {
  const earlier = words.slice(0, -1);
  let command = program;
  let flag: Option | undefined;
  let store: TypedWord | undefined;
  let operands = 0;
  for (const word of earlier) {
    const { text } = word;
    if (flag !== undefined) {
      if (flag.long === '--store') store = word;
      flag = undefined;
    } else if (text === '--') return { expected: fromSource('files'), store };
    else if (text.startsWith('--store=')) store = afterEqualsSign(word);
    else if (/^-./.test(text)) flag = optionWithValue(command, text);
    else {
      const child = subcommands(command).find((each) => each.name() === text);
      if (child !== undefined) command = child;
      else if (text !== 'help' || command !== program) operands += 1;
    }
  }
  if (/[<>]$/.test(earlier.at(-1)?.raw ?? '')) return { expected: fromSource('files'), store };
  if (flag !== undefined) return { expected: fromSource(sourceOfFlag(flag)), store };
  return { expected: expectedAfter(command, operands, words.at(-1)?.text ?? ''), store };
}

function expectedAfter(command: Command, operands: number, last: string): Expected {
  const [before, name = ''] = /^(--[^=]+)=/.exec(last) ?? [];
  if (before !== undefined) {
    const option = optionWithValue(command, name);
    return fromSource(option === undefined ? 'none' : sourceOfFlag(option), before);
  }
  const commands = subcommands(command);
  if (last.startsWith('-')) return optionsOf(command);
  if (commands.length > 0) return operands === 0 ? commandsOf(commands) : fromSource('none');
  const { registeredArguments } = command;
  const final = registeredArguments.at(-1);
  const argument = registeredArguments[operands] ?? (final?.variadic === true ? final : undefined);
  return argument === undefined ? optionsOf(command) : fromSource(sourceOfArgument(command, argument));
}

function commandsOf(commands: readonly Command[]): Expected {
  const candidates = commands.map((command) => ({ value: command.name(), meaning: command.summary() }));
  return { kind: 'command', before: '', candidates };
}

function optionsOf(command: Command): Expected {
  const candidates = acceptedOptions(command).map(({ long, flags, description }) => ({
    value: long ?? flags,
    meaning: description,
  }));
  return { kind: 'option', before: '', candidates };
}

function fromSource(source: Source, before = ''): Expected {
  if (typeof source === 'string') return { kind: source, before, candidates: [] };
  return { kind: 'value', before, candidates: source.map((value) => ({ value, meaning: '' })) };
}

/** The flag of that name, if it takes a value. */
function optionWithValue(command: Command, name: string): Option | undefined {
  return acceptedOptions(command).find(
    ({ long, short, required }) => required && [long, short].includes(name),
  );
}

function afterEqualsSign({ raw, text, ...word }: TypedWord): TypedWord {
  return { ...word, raw: raw.replace(/^[^=]*=/, ''), text: text.replace(/^[^=]*=/, '') };
}
