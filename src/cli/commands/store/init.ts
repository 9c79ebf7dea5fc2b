import { Command } from 'commander';
import { StoreExists } from '../../../domain/errors.js';
import { DEFAULT_BCRYPT_COST } from '../../../domain/secret/bcrypt-cost.js';
import { shellCommand, shellWord } from '../../../domain/text/quote.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { addHashOptions, type HashOptions } from '../../flags/hash.js';
import { explain } from '../../help.js';
import { newStoreFrom } from '../../new-store.js';
import { closing, note } from '../../session.js';
import { readCatalogFile } from '../catalog/file.js';
import { reportStore } from './report.js';

interface InitOptions extends HashOptions {
  readonly prefix?: string;
  readonly catalog?: string;
}

/** `credctl store init`. */
export function storeInitCommand({ host }: CommandContext): Command {
  const command = new Command('init')
    .summary('create a store with your own settings')
    .description(
      'Create a store with your own settings. Without this command, the first change creates one with the defaults.',
    )
    .option(
      '--prefix <prefix>',
      'how secrets begin, so that scanners recognise a leaked one; 2 to 12 lower-case letters and digits (default: cctl)',
    );
  addHashOptions(command, { hash: 'bcrypt', cost: String(DEFAULT_BCRYPT_COST) }).option(
    '--catalog <catalog>',
    'a built-in catalog (moveworks, mparticle or empty) or the path of your own, such as ./catalog.yaml (default: moveworks)',
  );
  addGlobalOptions(command).action(async (options: InitOptions) => {
    const globals = globalOptions(command);
    const catalog = isPath(options.catalog) ? await readCatalogFile(host, options.catalog) : options.catalog;
    const plan = newStoreFrom(host, globals, { ...options, catalog });
    const store = await host.initStore(globals, plan).catch((fault: unknown) => {
      throw fault instanceof StoreExists && options.catalog !== undefined
        ? fault.wanting(changeOfCatalog(options.catalog))
        : fault;
    });
    return closing(store, async () => {
      await reportStore(host, globals, store);
      note(host, globals, `created the store with the catalog ${(await store.catalog()).name}`);
    });
  });
  return explain(
    command,
    [
      ['credctl store init --prefix acme --catalog mparticle', 'secrets that begin with acme_'],
      ['credctl store init --catalog ./catalog.yaml', "with your own APIs; see 'credctl catalog init'"],
      ['credctl store init --hash sha256 --store ./team.db', 'for a busy server, in another file'],
    ],
    [0, 2, 3, 4, [5, 'conflict: there is a store already'], 8, 9],
  );
}

function changeOfCatalog(catalog: string): string {
  const command = isPath(catalog)
    ? `credctl catalog apply -f ${shellWord(catalog)}`
    : `credctl catalog use ${shellWord(catalog)}`;
  return `its catalog with ${shellCommand(command)}`;
}

/** A preset's name has neither a slash nor a dot; no document is read from a file of such a name by accident. */
function isPath(catalog: string | undefined): catalog is string {
  return catalog !== undefined && (/[/\\.]/.test(catalog) || catalog === '-');
}
