import { type Command, Option } from 'commander';
import { BCRYPT_COSTS } from '../../domain/secret/bcrypt-cost.js';
import { oneOf, wholeNumber } from './global.js';

/** Values of `--hash` and `--bcrypt-cost`. */
export interface HashOptions {
  readonly hash?: 'bcrypt' | 'sha256';
  readonly bcryptCost?: number;
}

/** Adds the flags of the hash policy. */
export function addHashOptions(
  command: Command,
  defaults: { readonly hash: string; readonly cost: string },
): Command {
  return command
    .addOption(
      new Option(
        '--hash <scheme>',
        `how secrets are hashed: bcrypt or sha256 (default: ${defaults.hash})`,
      ).argParser(oneOf('--hash', ['bcrypt', 'sha256'] as const)),
    )
    .addOption(
      new Option(
        '--bcrypt-cost <number>',
        `bcrypt cost, 4 to 16; each step doubles the time (default: ${defaults.cost})`,
      ).argParser(wholeNumber('--bcrypt-cost', BCRYPT_COSTS.least, BCRYPT_COSTS.most)),
    );
}
