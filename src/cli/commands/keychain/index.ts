import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions } from '../../flags/global.js';
import { COPY, explain, NO_KEYCHAIN } from '../../help.js';
import { keychainDeleteCommand } from './delete.js';
import { keychainGetCommand } from './get.js';
import { keychainListCommand } from './list.js';

/** `credctl keychain …`. */
export function keychainCommand(context: CommandContext): Command {
  const command = new Command('keychain')
    .description("List, print and remove the secrets that are saved in the operating system's keychain.")
    .addCommand(keychainListCommand(context))
    .addCommand(keychainGetCommand(context))
    .addCommand(keychainDeleteCommand(context));
  addGlobalOptions(command).enablePositionalOptions();
  return explain(
    command,
    [
      ['credctl rotate ci-bot --keychain --no-print', 'save a new secret in the keychain, and nowhere else'],
      ['credctl keychain get ci-bot | some-command', 'pass the saved secret to a program'],
    ],
    [0, 2, 3, 4, [5, COPY], [6, NO_KEYCHAIN], 7, 8, 9, 130],
  );
}
