import type { Command, Option } from 'commander';
import { type Source, sourceOfArgument, sourceOfFlag } from './sources.js';

/** A word that can be typed, with what help says of it. */
export interface Word {
  readonly text: string;
  readonly meaning: string;
}

/** What can be typed after the words of one command. */
export interface Place {
  /** The command's words without `credctl`; empty for the program itself. */
  readonly at: string;
  readonly commands: readonly Word[];
  readonly flags: readonly Word[];
  readonly operands: readonly Source[];
  /** Whether the last operand may be repeated. */
  readonly repeats: boolean;
}

/** What follows a flag, all names of which are given; the same flag can mean different things at different places. */
export interface ValuedFlag {
  readonly names: readonly string[];
  /** Null where it means the same at every place that has it. */
  readonly at: string | null;
  readonly source: Source;
}

/** Everything that a shell has to know of our command line. */
export interface CommandLine {
  readonly places: readonly Place[];
  readonly valuedFlags: readonly ValuedFlag[];
}

/** Reads the command line off the whole command tree. */
export function commandLineOf(program: Command): CommandLine {
  const everywhere = visibleOptions(program).filter((option) => option.long !== '--version');
  const found = commandsIn(program, '').map(({ command, at }) => ({
    place: placeOf(command, at, everywhere),
    options: at === '' ? visibleOptions(program) : offered(command, everywhere),
  }));
  return {
    places: found.map(({ place }) => place),
    valuedFlags: valuedFlags(found.map(({ place, options }) => ({ at: place.at, options }))),
  };
}

/** Every command that help shows, parents before their subcommands. */
export function commandsIn(command: Command, at: string): readonly { command: Command; at: string }[] {
  const below = subcommands(command).flatMap((child) => commandsIn(child, `${at} ${child.name()}`.trim()));
  return [{ command, at }, ...below];
}

/** The subcommands that help shows, without the `help` that the parser adds. */
export function subcommands(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => command.commands.includes(child));
}

/** The flags that help shows, `--help` among them. */
export function visibleOptions(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

function placeOf(command: Command, at: string, everywhere: readonly Option[]): Place {
  const options = at === '' ? visibleOptions(command) : offered(command, everywhere);
  return {
    at,
    commands: subcommands(command).map((child) => ({ text: child.name(), meaning: child.summary() })),
    flags: options.map((option) => ({ text: option.long ?? option.flags, meaning: option.description })),
    operands: command.registeredArguments.map((argument) => sourceOfArgument(at, argument)),
    repeats: command.registeredArguments.at(-1)?.variadic === true,
  };
}

/** A group also takes the global flags, and those of the subcommand that stands for it. */
function offered(command: Command, everywhere: readonly Option[]): readonly Option[] {
  const own = visibleOptions(command);
  if (subcommands(command).length === 0) return own;
  const standIn = defaultSubcommand(command);
  const all = [...(standIn === undefined ? [] : visibleOptions(standIn)), ...own, ...everywhere];
  return [...new Map(all.map((option) => [option.long, option])).values()];
}

/** The parser keeps this to itself. */
function defaultSubcommand(command: Command): Command | undefined {
  const name: unknown = Reflect.get(command, '_defaultCommandName');
  return command.commands.find((child) => child.name() === name);
}

function valuedFlags(
  places: readonly { readonly at: string; readonly options: readonly Option[] }[],
): readonly ValuedFlag[] {
  const uses = new Map<string, { readonly at: string; readonly option: Option }[]>();
  for (const { at, options } of places) {
    for (const option of options) {
      const flag = option.long ?? option.flags;
      uses.set(flag, [...(uses.get(flag) ?? []), { at, option }]);
    }
  }
  return [...uses.values()].flatMap(sourcesOf);
}

function sourcesOf(uses: readonly { readonly at: string; readonly option: Option }[]): readonly ValuedFlag[] {
  const meanings = new Set(
    uses.map(({ option }) => `${option.required} ${JSON.stringify(sourceOfFlag(option))}`),
  );
  const [first] = uses;
  const told = meanings.size === 1 && first !== undefined ? [{ at: null, option: first.option }] : uses;
  return told
    .filter(({ option }) => option.required)
    .map(({ at, option }) => ({
      at,
      names: [option.long, option.short].filter((name) => name !== undefined),
      source: sourceOfFlag(option),
    }));
}
