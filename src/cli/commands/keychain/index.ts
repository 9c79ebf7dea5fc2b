import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { keychainDeleteCommand } from './delete.js';
import { keychainGetCommand } from './get.js';
import { keychainListCommand } from './list.js';

/** `credctl keychain …`. */
export function keychainCommand(context: CommandContext): Command {
  const command = new Command('keychain')
    .description("Look at, use and remove the secrets that are saved in the operating system's keychain.")
    .addCommand(keychainListCommand(context))
    .addCommand(keychainGetCommand(context))
    .addCommand(keychainDeleteCommand(context));
  addGlobalOptions(command).enablePositionalOptions();
  return explain(
    command,
    [
      ['credctl rotate ci-bot --keychain --no-print', 'save a new secret there, and nowhere else'],
      ['credctl keychain get ci-bot | some-command', 'use it'],
    ],
    [0, 2, 3, 4, 5, 6, 7, 8, 9, 130],
  );
}
