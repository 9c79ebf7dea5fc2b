import type { Argument, Command, Option } from 'commander';
import { presetNames } from '../../domain/scope/presets.js';
import { choicesOf } from '../flags/global.js';
import { SHELLS } from './shells.js';

/** Kinds of names that only the store knows. */
const NAME_KINDS = ['credential', 'owner', 'target', 'scope'] as const;
export type NameKind = (typeof NAME_KINDS)[number];

/** Whether candidates of a kind are in the store. */
export function isNameKind(kind: string): kind is NameKind {
  return NAME_KINDS.some((each) => each === kind);
}

/** Where the candidates for a value come from: a list of words, the store, or the file system, which is the shell's. */
export type Source = readonly string[] | NameKind | 'files' | 'directories' | 'none';

/** By the value's name in help, or where that has several meanings by the whole flag. */
const SOURCES: Readonly<Record<string, Source>> = {
  file: 'files',
  directory: 'directories',
  '--store <url>': 'files',
  '--to <url>': 'files',
  preset: presetNames,
  shell: SHELLS,
  scope: 'scope',
  owner: 'owner',
  '--target <name>': 'target',
};

/** Where the value of a flag comes from. */
export function sourceOfFlag(option: Option): Source {
  const [, value = ''] = /<(.+)>/.exec(option.flags) ?? [];
  return choicesOf(option.parseArg) ?? SOURCES[option.flags] ?? SOURCES[value] ?? 'none';
}

/** Where an argument of a command comes from; one that is created has a new name. */
export function sourceOfArgument(command: Command, argument: Argument): Source {
  const known = choicesOf(argument.parseArg) ?? SOURCES[argument.name()];
  if (known !== undefined) return known;
  if (argument.name() !== 'name' || command.name() === 'create') return 'none';
  return command.parent?.name() === 'owner' ? 'owner' : 'credential';
}
