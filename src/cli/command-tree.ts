import type { Command, Option } from 'commander';

/** All visible commands, parents before their subcommands, each with its words after `at`. */
export function commandsIn(command: Command, at: string): readonly { command: Command; at: string }[] {
  const below = subcommands(command).flatMap((child) => commandsIn(child, `${at} ${child.name()}`.trim()));
  return [{ command, at }, ...below];
}

/** Visible subcommands, without the `help` that the parser adds. */
export function subcommands(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => command.commands.includes(child));
}

/** Visible flags, including `--help`. */
export function visibleOptions(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

/** The flags that a command accepts; a group also accepts those of its default subcommand. */
export function acceptedOptions(command: Command): readonly Option[] {
  const standIn = defaultSubcommand(command);
  const all = [...(standIn === undefined ? [] : visibleOptions(standIn)), ...visibleOptions(command)];
  return [...new Map(all.map((option) => [option.long, option])).values()];
}

/** Not part of the parser's public interface. */
function defaultSubcommand(command: Command): Command | undefined {
  const name: unknown = Reflect.get(command, '_defaultCommandName');
  return command.commands.find((child) => child.name() === name);
}
