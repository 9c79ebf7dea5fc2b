import type { Argument, Command, Option } from 'commander';
import { commandsIn, subcommands, visibleOptions } from '../command-tree.js';

/** An option or an argument in the reference. */
export interface Term {
  /** Its syntax, such as `-f, --file <file>`. */
  readonly text: string;
  readonly meaning: string;
  /** Its default; null for none. */
  readonly otherwise: string | null;
  readonly isRequired: boolean;
}

/** The reference of one command. */
export interface Page {
  /** The full command, such as `credctl owner create`. */
  readonly title: string;
  readonly summary: string;
  readonly description: string;
  readonly synopsis: string;
  readonly subcommands: readonly { readonly title: string; readonly summary: string }[];
  readonly terms: { readonly arguments: readonly Term[]; readonly options: readonly Term[] };
  /** Whether it accepts the global options. */
  readonly takesGlobalOptions: boolean;
  readonly examples: readonly { readonly line: string; readonly purpose: string }[];
  readonly exits: readonly { readonly code: string; readonly meaning: string }[];
}

/** The reference of the whole command tree. */
export interface Reference {
  readonly program: Page;
  readonly globalOptions: readonly Term[];
  readonly commands: readonly Page[];
}

/** Extracts the reference from the command tree. */
export function referenceOf(program: Command): Reference {
  const globals = visibleOptions(program);
  const names = new Set(globals.map((option) => option.long));
  const [root, ...commands] = commandsIn(program, program.name()).map(({ command, at }) =>
    pageOf(command, at, names),
  );
  if (root === undefined) throw new TypeError('a command tree has a root');
  return { program: root, globalOptions: globals.map(optionTerm), commands };
}

function pageOf(command: Command, title: string, globals: ReadonlySet<string | undefined>): Page {
  const options = visibleOptions(command);
  return {
    title,
    summary: command.summary(),
    description: command.description(),
    synopsis: `${title} ${command.usage()}`,
    subcommands: subcommands(command).map((child) => ({
      title: `${title} ${child.name()}`,
      summary: child.summary(),
    })),
    terms: {
      arguments: command.registeredArguments.map(argumentTerm),
      options: options.filter((option) => !globals.has(option.long)).map(optionTerm),
    },
    takesGlobalOptions: options.some((option) => option.long === '--store'),
    ...endOfHelp(command),
  };
}

function optionTerm(option: Option): Term {
  const { meaning, otherwise } = splitMeaning(option.description);
  return {
    text: option.flags,
    meaning,
    otherwise: otherwise ?? option.defaultValueDescription ?? shown(option.defaultValue),
    isRequired: option.mandatory,
  };
}

/** Whether an option takes a duration. */
export function takesDuration({ text }: Term): boolean {
  return text.endsWith('<duration>');
}

function argumentTerm(argument: Argument): Term {
  const { meaning, otherwise } = splitMeaning(argument.description);
  const text = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return {
    text: argument.required ? `<${text}>` : `[${text}]`,
    meaning,
    otherwise: otherwise ?? shown(argument.defaultValue),
    isRequired: false,
  };
}

function splitMeaning(description: string): { meaning: string; otherwise: string | null } {
  const [, meaning = description, otherwise = null] = /^(.*) \(default: (.*)\)$/.exec(description) ?? [];
  return { meaning, otherwise };
}

function shown(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

/** Examples and exit codes are put into help lazily, so they are parsed from its output. */
function endOfHelp(command: Command): Pick<Page, 'examples' | 'exits'> {
  const parts: string[] = [];
  const writeOut = (text: string): void => {
    parts.push(text);
  };
  command
    .configureOutput({
      ...command.configureOutput(),
      writeOut,
      getOutHasColors: () => false,
      getOutHelpWidth: () => Number.POSITIVE_INFINITY,
    })
    .outputHelp();
  const text = parts.join('');
  return {
    examples: [...text.matchAll(/^ {2}# (.*)\n {2}\$ (.*)$/gm)].map(([, purpose = '', line = '']) => ({
      line,
      purpose,
    })),
    exits: [...text.matchAll(/^ {2}(\d+) {2}(.*)$/gm)].map(([, code = '', meaning = '']) => ({
      code,
      meaning,
    })),
  };
}
