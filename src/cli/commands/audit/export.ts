import { Command } from 'commander';
import { safeJson } from '../../../domain/text/safe-text.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { exportedEvent } from '../../render/views.js';
import { reading } from '../../session.js';

/** `credctl audit export`. */
export function auditExportCommand({ host }: CommandContext): Command {
  const command = new Command('export')
    .summary('print every event, oldest first')
    .description('Print every event, oldest first: one JSON object a line, or with --json one document.');
  addGlobalOptions(command).action(() => {
    const globals = globalOptions(command);
    return reading(host, globals, async (store) => {
      let separator = '';
      if (globals.json) host.out.write('{"schema_version":1,"events":[');
      for await (const batch of store.exportAudit()) {
        for (const recorded of batch) {
          const line = safeJson(exportedEvent(recorded));
          host.out.write(globals.json ? `${separator}${line}` : `${line}\n`);
          separator = ',';
        }
      }
      if (globals.json) host.out.write(']}\n');
    });
  });
  return explain(
    command,
    [
      ['credctl audit export > audit.jsonl', 'a copy to keep elsewhere'],
      [
        'credctl audit export | jq -c \'select(.action == "credential.delete")\'',
        'every deletion there has been',
      ],
    ],
    [0, 2, 4, 8, 9],
  );
}
