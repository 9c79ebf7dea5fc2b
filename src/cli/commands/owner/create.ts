import { Command, Option } from 'commander';
import { OWNER_KINDS, type OwnerKind } from '../../../domain/credential/credential.js';
import { usageError } from '../../../domain/errors.js';
import { parseName } from '../../../domain/text/name.js';
import { createOwner } from '../../../usecases/owner.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, type GlobalOptions, globalOptions, oneOf } from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { jsonDocument } from '../../render/json.js';
import { ownerView } from '../../render/views.js';
import { canAsk, changing, note } from '../../session.js';

/** `credctl owner create`. */
export function ownerCreateCommand({ host }: CommandContext): Command {
  const command = new Command('create')
    .summary('create an owner')
    .description('Create a service account or a person that credentials can belong to.')
    .argument('<name>', 'a unique name of letters, digits and . _ -, with / between parts')
    .addOption(
      new Option(
        '--kind <kind>',
        'service (a service account) or user (a person); a terminal asks for it',
      ).argParser(oneOf('--kind', OWNER_KINDS)),
    );
  addGlobalOptions(command).action(async (name: string, options: { readonly kind?: OwnerKind }) => {
    const globals = globalOptions(command);
    const parsed = parseName('owner', name);
    const kind = options.kind ?? (await askForKind(host, globals));
    return changing(host, globals, async (deps) => {
      const owner = await createOwner(deps, { name: parsed, kind });
      if (globals.json) host.out.write(jsonDocument({ owner: ownerView(owner) }));
      note(host, globals, `created ${owner.kind} owner ${owner.name}`);
    });
  });
  return explain(
    command,
    [
      ['credctl owner create crm --kind service', 'a service account: it outlives staff changes'],
      ['credctl owner create alice --kind user', 'a person'],
    ],
    [0, 2, 4, [5, 'conflict: the name is taken'], 8, 9, 130],
  );
}

/** @throws CredctlError `usage` where prompts are impossible; `interrupted` */
async function askForKind(host: Host, globals: GlobalOptions): Promise<OwnerKind> {
  if (!canAsk(host, globals)) {
    const flags = OWNER_KINDS.map((kind) => `--kind ${kind}`).join(' or ');
    throw usageError("required option '--kind <kind>' not specified", `add ${flags}`);
  }
  const prompts = await host.prompts(globals);
  return prompts.choose<OwnerKind>('Kind', [
    { value: 'service', name: 'service', description: 'a service account: it outlives staff changes' },
    { value: 'user', name: 'user', description: 'a person' },
  ]);
}
