import { Command } from 'commander';
import { usageError } from '../../../domain/errors.js';
import { changeHashPolicy } from '../../../usecases/store/hash-policy.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { addHashOptions, type HashOptions } from '../../flags/hash.js';
import { explain } from '../../help.js';
import { hashPolicy } from '../../new-store.js';
import { changing, note } from '../../session.js';
import { reportStore } from './report.js';

/** `credctl store set`. */
export function storeSetCommand({ host }: CommandContext): Command {
  const command = new Command('set')
    .summary('change how new secrets are hashed')
    .description(
      'Change how new secrets are hashed. Existing secrets keep their hash until they are rotated.',
    );
  addGlobalOptions(addHashOptions(command, { hash: 'as it is', cost: 'as it is' })).action(
    (options: HashOptions) => {
      const globals = globalOptions(command);
      if (options.hash === undefined && options.bcryptCost === undefined) {
        throw usageError('nothing to change was given', 'add --hash or --bcrypt-cost');
      }
      return changing(host, globals, async (deps) => {
        const after = await changeHashPolicy(deps, (present) => {
          const scheme = options.hash ?? present.scheme;
          const cost = present.scheme === 'bcrypt' && scheme === 'bcrypt' ? present.cost : undefined;
          return hashPolicy(scheme, options.bcryptCost ?? cost);
        });
        if (globals.json) await reportStore(host, globals, deps.store);
        const { hashPolicy: policy } = after;
        const cost = policy.scheme === 'bcrypt' ? `, cost ${policy.cost}` : '';
        note(host, globals, `new secrets are hashed with ${policy.scheme}${cost}`);
      });
    },
  );
  return explain(
    command,
    [
      ['credctl store set --hash sha256', 'fast to verify: for a busy server'],
      [
        'credctl store set --hash bcrypt --bcrypt-cost 12',
        'slower to guess and to verify: four times the default time',
      ],
    ],
    [0, 2, 4, 8, 9],
  );
}
