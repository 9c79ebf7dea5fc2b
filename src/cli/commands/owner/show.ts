import { Command } from 'commander';
import { findOwner } from '../../../usecases/owner.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { jsonDocument } from '../../render/json.js';
import { factLines } from '../../render/lines.js';
import { ownerView } from '../../render/views.js';
import { reading } from '../../session.js';

/** `credctl owner show`. */
export function ownerShowCommand({ host }: CommandContext): Command {
  const command = new Command('show')
    .summary('show one owner')
    .description('Show one owner and how many credentials belong to it.')
    .argument('<name>', "the owner's name");
  addGlobalOptions(command).action((name: string) => {
    const globals = globalOptions(command);
    return reading(host, globals, async (store) => {
      const owner = ownerView(await findOwner(store, name));
      host.out.write(
        globals.json
          ? jsonDocument({ owner })
          : factLines([
              ['name', owner.name],
              ['kind', owner.kind],
              ['status', owner.status],
              ['credentials', String(owner.credentials)],
              ['created', owner.created_at],
            ]),
      );
    });
  });
  return explain(
    command,
    [
      ['credctl owner show crm', 'for a person'],
      ['credctl list --owner crm', 'the credentials themselves'],
    ],
    [0, 2, 3, 4, 8, 9],
  );
}
