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
    .summary('write a commented example of a catalog')
    .description(
      'Write a commented example of a catalog, to start describing your own API. An existing file is never replaced.',
    )
    .argument('[file]', `the file to write, or - for standard output (default: ${USUAL_FILE})`);
  addGlobalOptions(command).action((file: string = USUAL_FILE) => {
    const globals = globalOptions(command);
    if (file === '-') return host.out.write(EXAMPLE_CATALOG);
    host.writeNewFile(file, EXAMPLE_CATALOG);
    if (globals.json) host.out.write(jsonDocument({ file }));
    const apply = shellCommand(`credctl catalog apply -f ${shellWord(file)}`);
    note(host, globals, `wrote ${quote(file)}; edit the file, then apply it with ${apply}`);
  });
  return explain(
    command,
    [
      ['credctl catalog init', `writes ${USUAL_FILE}`],
      ['credctl catalog init - | credctl catalog check -', 'print the example, and check it'],
    ],
    [0, 2, 3, [5, 'conflict: the file exists already'], 8],
  );
}
