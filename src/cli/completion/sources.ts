import type { Argument, Command, Option } from 'commander';
import { presetNames } from '../../domain/scope/presets.js';
import { choicesOf } from '../flags/global.js';
import { SHELLS } from './shells.js';

/** Kinds of candidates that are read from the store. */
const NAME_KINDS = ['credential', 'owner', 'target', 'api', 'scope', 'leak'] as const;
/** One of {@link NAME_KINDS}. */
export type NameKind = (typeof NAME_KINDS)[number];

/** Whether candidates of a kind are read from the store. */
export function isNameKind(kind: string): kind is NameKind {
  return NAME_KINDS.some((each) => each === kind);
}

/** Source of candidates: a list of words, the store, or the file system (completed by the shell). */
export type Source = readonly string[] | NameKind | 'files' | 'directories' | 'none';

/** By the value's name in help, or by the whole flag where that is ambiguous. */
const SOURCES: Readonly<Record<string, Source>> = {
  file: 'files',
  path: 'files',
  directory: 'directories',
  '--store <url>': 'files',
  '--to <url>': 'files',
  preset: presetNames,
  catalog: presetNames,
  shell: SHELLS,
  api: 'api',
  scope: 'scope',
  owner: 'owner',
  '--target <name>': 'target',
  id: 'leak',
};

/** Source of a flag's value. */
export function sourceOfFlag(option: Option): Source {
  const [, value = ''] = /<(.+)>/.exec(option.flags) ?? [];
  return choicesOf(option.parseArg) ?? SOURCES[option.flags] ?? SOURCES[value] ?? 'none';
}

/** Source of a command's argument; a name to be created has none. */
export function sourceOfArgument(command: Command, argument: Argument): Source {
  const known = choicesOf(argument.parseArg) ?? SOURCES[argument.name()];
  if (known !== undefined) return known;
  if (argument.name() !== 'name' || command.name() === 'create') return 'none';
  return command.parent?.name() === 'owner' ? 'owner' : 'credential';
}
