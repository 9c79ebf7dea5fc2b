import { Command } from 'commander';
import type { CommandContext } from './command-context.js';
import { addGlobalOptions } from './flags/global.js';
import { explain } from './help.js';
import { bold, usesColour } from './render/colour.js';

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Loads the command's module lazily. */
  readonly load: () => Promise<(context: CommandContext) => Command>;
}

/** All commands in help order. */
const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'create',
    summary: 'create a credential and print its secret, once',
    load: async () => (await import('./commands/create.js')).createCommand,
  },
  {
    name: 'list',
    summary: 'list credentials',
    load: async () => (await import('./commands/list.js')).listCommand,
  },
  {
    name: 'show',
    summary: 'show one credential: scopes, owner, secrets, last use',
    load: async () => (await import('./commands/show.js')).showCommand,
  },
  {
    name: 'edit',
    summary: 'change name, scopes, owner, labels, description, expiry or rotation policy',
    load: async () => (await import('./commands/edit.js')).editCommand,
  },
  {
    name: 'activate',
    summary: 'let inactive credentials work again',
    load: async () => (await import('./commands/activate.js')).activateCommand,
  },
  {
    name: 'deactivate',
    summary: 'stop credentials until they are activated again',
    load: async () => (await import('./commands/deactivate.js')).deactivateCommand,
  },
  {
    name: 'rotate',
    summary: 'give a credential a new secret, without locking anyone out',
    load: async () => (await import('./commands/rotate.js')).rotateCommand,
  },
  {
    name: 'delete',
    summary: 'delete credentials for good',
    load: async () => (await import('./commands/delete.js')).deleteCommand,
  },
  {
    name: 'verify',
    summary: 'check a secret, read from standard input',
    load: async () => (await import('./commands/verify.js')).verifyCommand,
  },
  {
    name: 'run',
    summary: 'run a program with saved secrets in its environment',
    load: async () => (await import('./commands/run.js')).runCommand,
  },
  {
    name: 'owner',
    summary: 'manage the service accounts and people that credentials belong to',
    load: async () => (await import('./commands/owner/index.js')).ownerCommand,
  },
  {
    name: 'catalog',
    summary: 'manage the APIs, permissions and resources that scopes are made of',
    load: async () => (await import('./commands/catalog/index.js')).catalogCommand,
  },
  {
    name: 'keychain',
    summary: "use the secrets saved in the operating system's keychain",
    load: async () => (await import('./commands/keychain/index.js')).keychainCommand,
  },
  {
    name: 'audit',
    summary: 'see who changed what, when and why',
    load: async () => (await import('./commands/audit/index.js')).auditCommand,
  },
  {
    name: 'scan',
    summary: 'look for leaked secrets in files and in the history of a repository',
    load: async () => (await import('./commands/scan/index.js')).scanCommand,
  },
  {
    name: 'leaks',
    summary: 'see which secrets have leaked, and close what was dealt with',
    load: async () => (await import('./commands/leaks/index.js')).leaksCommand,
  },
  {
    name: 'serve',
    summary: 'run the HTTP server: tokens, introspection, checks for gateways',
    load: async () => (await import('./commands/serve.js')).serveCommand,
  },
  {
    name: 'store',
    summary: 'manage the store: the file or database that holds the credentials',
    load: async () => (await import('./commands/store/index.js')).storeCommand,
  },
  {
    name: 'completion',
    summary: 'print a script for completion in your shell',
    load: async () => (await import('./commands/completion.js')).completionCommand,
  },
];

/** Flags before the command that take the next argument as their value. */
const FLAGS_WITH_VALUE: ReadonlySet<string> = new Set(['--store', '--reason']);

/**
 * The command tree for one invocation. Only the command named by `argv` is built in full; the others are stubs
 * for help and suggestions, omitted when the command comes first.
 */
export async function buildProgram(context: CommandContext, argv: readonly string[]): Promise<Command> {
  const chosen = commandIn(argv);
  const entry = COMMANDS.find(({ name }) => name === chosen);
  const isFirst = entry !== undefined && argv[0] === chosen;
  return programWith(context, isFirst ? [entry] : COMMANDS, (name) => name === chosen);
}

/** The whole tree, for documentation. */
export function buildWholeProgram(context: CommandContext): Promise<Command> {
  return programWith(context, COMMANDS, () => true);
}

async function programWith(
  context: CommandContext,
  entries: readonly CommandEntry[],
  isBuilt: (name: string) => boolean,
): Promise<Command> {
  const program = new Command('credctl')
    .description(
      'Issue, list, rotate and delete API keys and OAuth 2.0 clients. Each secret is shown once; only its hash is stored.',
    )
    .usage('<command> [options]')
    .version(`credctl ${context.host.version}`, '--version', 'print the version')
    .enablePositionalOptions();
  if (entries.length > 1) addGlobalOptions(program);
  for (const { name, summary, load } of entries) {
    const command = isBuilt(name) ? (await load())(context) : new Command(name);
    program.addCommand(command.summary(summary));
  }
  explain(
    program,
    [
      ['credctl create ci-bot --type api-key --scope data:conversations', 'issue an API key'],
      ['credctl rotate ci-bot --grace 7d', 'replace its secret; the old one works for another week'],
    ],
    [
      0,
      1,
      2,
      3,
      [4, "denied: the store's permissions refuse you, or verify found that the secret is not valid"],
      5,
      6,
      7,
      8,
      9,
      10,
      130,
      141,
      143,
    ],
  );
  return configure(program, context);
}

/** Whether there is a command of that name. */
export function isCommand(name: string): boolean {
  return COMMANDS.some((command) => command.name === name);
}

/** The first operand: the command's name, or null. */
export function commandIn(argv: readonly string[]): string | null {
  return operandsIn(argv)[0] ?? null;
}

/** The operands before any `--`: neither flags nor values of global flags. */
export function operandsIn(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  const operands = words.filter(
    (word, index) => !word.startsWith('-') && !FLAGS_WITH_VALUE.has(words[index - 1] ?? ''),
  );
  return operands.length > 0 || end === -1 ? operands : argv.slice(end + 1);
}

/**
 * Redirects errors and output of the whole tree: the parser neither exits the process nor writes by itself. `credctl
 * help rotate` is a flag in other words (`main.ts`); groups have no such command.
 */
function configure(command: Command, context: CommandContext): Command {
  const {
    host: { out },
    words,
  } = context;
  command
    .helpCommand(false)
    .helpOption('-h, --help', 'show this help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: () => {},
      getOutHelpWidth: () => (out.isTerminal ? out.columns : 100),
      getOutHasColors: () => usesColour(context.host.env, out, { color: !words.includes('--no-color') }),
    })
    .configureHelp({ ...command.configureHelp(), styleTitle: bold });
  for (const child of command.commands) configure(child, context);
  return command;
}
