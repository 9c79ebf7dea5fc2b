import { Command } from 'commander';
import type { CommandContext } from './command-context.js';
import { activateCommand } from './commands/activate.js';
import { auditCommand } from './commands/audit/index.js';
import { catalogCommand } from './commands/catalog/index.js';
import { completionCommand } from './commands/completion.js';
import { createCommand } from './commands/create.js';
import { deactivateCommand } from './commands/deactivate.js';
import { deleteCommand } from './commands/delete.js';
import { editCommand } from './commands/edit.js';
import { keychainCommand } from './commands/keychain/index.js';
import { listCommand } from './commands/list.js';
import { ownerCommand } from './commands/owner/index.js';
import { rotateCommand } from './commands/rotate.js';
import { runCommand } from './commands/run.js';
import { showCommand } from './commands/show.js';
import { storeCommand } from './commands/store/index.js';
import { verifyCommand } from './commands/verify.js';
import { explain } from './help.js';
import { addGlobalOptions } from './options.js';

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly build: (context: CommandContext) => Command;
}

/** Every command, in the order that help shows them. */
const COMMANDS: readonly CommandEntry[] = [
  { name: 'create', summary: 'issue a new credential and print its secret, once', build: createCommand },
  { name: 'list', summary: 'list credentials', build: listCommand },
  { name: 'show', summary: 'show one credential with its versions', build: showCommand },
  {
    name: 'edit',
    summary: 'change name, scopes, owner, labels, description, expiry or rotation policy',
    build: editCommand,
  },
  { name: 'activate', summary: 'let inactive credentials work again', build: activateCommand },
  {
    name: 'deactivate',
    summary: 'stop credentials until they are activated again',
    build: deactivateCommand,
  },
  {
    name: 'rotate',
    summary: 'give a credential a new secret, without locking anyone out',
    build: rotateCommand,
  },
  { name: 'delete', summary: 'delete credentials for good', build: deleteCommand },
  { name: 'verify', summary: 'check a secret that is given on standard input', build: verifyCommand },
  { name: 'run', summary: 'run a command with saved secrets in its environment', build: runCommand },
  {
    name: 'owner',
    summary: 'the service accounts and users that credentials belong to',
    build: ownerCommand,
  },
  {
    name: 'catalog',
    summary: 'the APIs, permissions and resources that scopes are made of',
    build: catalogCommand,
  },
  {
    name: 'keychain',
    summary: "the secrets saved in the operating system's keychain",
    build: keychainCommand,
  },
  { name: 'audit', summary: 'who changed what, when and why', build: auditCommand },
  { name: 'store', summary: 'where the credentials live', build: storeCommand },
  {
    name: 'completion',
    summary: 'print a script that lets your shell complete commands and names',
    build: (context) => completionCommand(context, () => buildWholeProgram(context)),
  },
];

/** Flags before the command that take a value as the next argument. */
const FLAGS_WITH_VALUE: ReadonlySet<string> = new Set(['--store', '--reason']);

/**
 * The command tree for one invocation. Only the command that `argv` names is built in full; the others are known by
 * name, which is all that help and "did you mean" need.
 */
export function buildProgram(context: CommandContext, argv: readonly string[]): Command {
  const chosen = commandIn(argv);
  return programWith(context, (name) => name === chosen);
}

/** The whole tree, for documentation and completion. */
export function buildWholeProgram(context: CommandContext): Command {
  return programWith(context, () => true);
}

function programWith(context: CommandContext, isBuilt: (name: string) => boolean): Command {
  const program = new Command('credctl')
    .description(
      'Issue, list, rotate and delete API credentials. Secrets are shown once; only hashes are kept.',
    )
    .usage('<command> [options]')
    .version(`credctl ${context.host.version}`, '--version', 'print the version')
    .helpCommand(false);
  addGlobalOptions(program);
  for (const { name, summary, build } of COMMANDS) {
    program.addCommand(isBuilt(name) ? build(context) : new Command(name).summary(summary));
  }
  explain(
    program,
    [
      ['credctl create ci-bot --type api-key --scope data:conversations', 'issue an API key'],
      ['credctl rotate ci-bot --grace 7d', 'replace it, with a week to switch'],
    ],
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130, 141, 143],
  );
  return configure(program, context);
}

/** The first argument that is not a flag, or a global flag's value. */
export function commandIn(argv: readonly string[]): string | null {
  return operandsIn(argv)[0] ?? null;
}

/** The arguments before any `--` that are neither flags nor a global flag's value. */
export function operandsIn(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  return words.filter(
    (word, index) => !word.startsWith('-') && !FLAGS_WITH_VALUE.has(words[index - 1] ?? ''),
  );
}

/** Errors and output of the whole tree go through us: nothing ends the process, nothing writes by itself. */
function configure(command: Command, context: CommandContext): Command {
  const { out } = context.host;
  command
    .helpOption('-h, --help', 'show this help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: () => {},
      getOutHelpWidth: () => (out.isTerminal ? out.columns : 100),
      getOutHasColors: () => false,
    });
  for (const child of command.commands) configure(child, context);
  return command;
}
