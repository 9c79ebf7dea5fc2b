import { Command } from 'commander';
import { quote, shellCommand, shellWord } from '../../../domain/text/quote.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { jsonDocument } from '../../render/json.js';
import { note } from '../../session.js';
import { EXAMPLE_CATALOG } from './example.js';

const USUAL_FILE = 'catalog.yaml';

/** `credctl catalog init`. */
export function catalogInitCommand({ host }: CommandContext): Command {
  const command = new Command('init')
    .summary('write a commented catalog to start from')
    .description('Write a commented catalog to start from, for an API of your own. Nothing is replaced.')
    .argument('[file]', `a new file; - for standard output (default: ${USUAL_FILE})`);
  addGlobalOptions(command).action((file: string = USUAL_FILE) => {
    const globals = globalOptions(command);
    if (file === '-') return host.out.write(EXAMPLE_CATALOG);
    host.writeNewFile(file, EXAMPLE_CATALOG);
    if (globals.json) host.out.write(jsonDocument({ file }));
    const apply = shellCommand(`credctl catalog apply -f ${shellWord(file)}`);
    note(host, globals, `wrote ${quote(file)}; edit it, then put it in place with ${apply}`);
  });
  return explain(
    command,
    [
      ['credctl catalog init', `writes ${USUAL_FILE}`],
      ['credctl catalog init - | credctl catalog check -', 'print it, and look at it'],
    ],
    [0, 2, 3, 5, 8],
  );
}
