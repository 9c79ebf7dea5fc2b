import { Command } from 'commander';
import { listSavedSecrets } from '../../../usecases/keychain/saved-secret.js';
import type { CommandContext } from '../../command-context.js';
import { withKeychain } from '../../delivery/with-keychain.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { COPY, explain, NO_KEYCHAIN } from '../../help.js';
import type { Column } from '../../render/cells/column.js';
import { jsonDocument } from '../../render/json.js';
import { printRows } from '../../render/rows.js';
import { STATE } from '../../render/status.js';

const COLUMNS: readonly Column[] = [
  { title: 'NAME', importance: 0, least: 10, isName: true },
  { title: 'VERSION', importance: 1, least: 7 },
  { ...STATE, importance: 2 },
];

/** `credctl keychain list`. */
export function keychainListCommand({ host }: CommandContext): Command {
  const command = new Command('list')
    .summary('list the saved secrets of this store, without showing them')
    .description(
      'List the saved secrets of this store with their states. The secrets are not shown. A deleted credential is listed by its id.',
    );
  addGlobalOptions(command).action(() => {
    const globals = globalOptions(command);
    return withKeychain(host, globals, async (deps) => {
      const entries = await listSavedSecrets(deps);
      if (globals.json) {
        host.out.write(jsonDocument({ entries }));
        return;
      }
      const rows = entries.map((entry) => [entry.name, String(entry.version), entry.state]);
      await printRows(host, globals, COLUMNS, rows, 'the keychain has no secrets of this store');
    });
  });
  return explain(
    command,
    [
      ['credctl keychain list', 'for a person'],
      ['credctl keychain list --json', 'for a script'],
    ],
    [0, 2, 4, [5, COPY], [6, NO_KEYCHAIN], 8, 9],
  );
}
