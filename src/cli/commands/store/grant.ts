import { Command } from 'commander';
import { usageError } from '../../../domain/errors.js';
import { STORE_ROLES, type StoreRole } from '../../../domain/ports/store-role.js';
import { quote } from '../../../domain/text/quote.js';
import { grantRole } from '../../../usecases/store/grant-role.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions, oneOf } from '../../flags/global.js';
import { explain } from '../../help.js';
import { jsonDocument } from '../../render/json.js';
import { closing, dependencies, note, openedForReading } from '../../session.js';

/** `credctl store grant`. */
export function storeGrantCommand({ host }: CommandContext): Command {
  const command = new Command('grant')
    .summary('let a PostgreSQL role use the store')
    .description(
      `Let a PostgreSQL role use the store: as admin (may do everything), auditor (reads everything but hashes), \
verifier (checks secrets, changes no credential) or responder (as verifier, and stops what has leaked). The database enforces it.`,
    )
    .argument('<role>', STORE_ROLES.join(', '), oneOf('the role', STORE_ROLES))
    .requiredOption('--to <dbrole>', 'an existing role of the database');
  addGlobalOptions(command).action(async (role: StoreRole, { to }: { readonly to: string }) => {
    const globals = globalOptions(command);
    if (to === '') throw usageError('grant needs a role of the database', 'add --to DBROLE');
    const store = await openedForReading(host, globals);
    return closing(store, async () => {
      await grantRole(dependencies(host, globals, store), role, to);
      if (globals.json) return host.out.write(jsonDocument({ role, to }));
      note(host, globals, `${quote(to)} may now use the store as ${role}`);
    });
  });
  return explain(
    command,
    [
      ['credctl store grant verifier --to gateway', 'for a server that checks secrets'],
      [
        'credctl store grant auditor --to alice --reason "yearly audit"',
        'for an auditor: reads everything but hashes',
      ],
    ],
    [0, 2, 3, 4, 8, 9],
  );
}
