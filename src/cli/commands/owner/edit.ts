import { Command } from 'commander';
import { parseName } from '../../../domain/text/name.js';
import { renameOwner } from '../../../usecases/owner.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { jsonDocument } from '../../render/json.js';
import { ownerView } from '../../render/views.js';
import { changing, note } from '../../session.js';

/** `credctl owner edit`. */
export function ownerEditCommand({ host }: CommandContext): Command {
  const command = new Command('edit')
    .summary('rename an owner')
    .description('Rename an owner. Its credentials still belong to it.')
    .argument('<name>', "the owner's name")
    .requiredOption('--name <name>', 'the new name');
  addGlobalOptions(command).action((name: string, options: { readonly name: string }) => {
    const globals = globalOptions(command);
    const to = parseName('owner', options.name);
    return changing(host, globals, async (deps) => {
      const owner = await renameOwner(deps, { name, to });
      if (globals.json) host.out.write(jsonDocument({ owner: ownerView(owner) }));
      note(host, globals, `renamed the owner to ${owner.name}`);
    });
  });
  return explain(
    command,
    [
      ['credctl owner edit crm --name crm-emea', 'rename it'],
      [
        'credctl owner edit alice --name alice.smith --reason "new login"',
        'with a reason for the audit trail',
      ],
    ],
    [0, 2, 3, 4, [5, 'conflict: the name is taken'], 8, 9],
  );
}
