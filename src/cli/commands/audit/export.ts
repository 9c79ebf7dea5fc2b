import { Command, Option } from 'commander';
import { usageError } from '../../../domain/errors.js';
import type { Store } from '../../../domain/ports/store-port.js';
import { safeJson } from '../../../domain/text/safe-text.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, type GlobalOptions, globalOptions, wholeNumber } from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { exportedEvent } from '../../render/views.js';
import { reading, readingExisting } from '../../session.js';

interface ExportOptions {
  readonly after?: number;
  readonly follow?: true;
  readonly output?: string;
}

/** `credctl audit export`. */
export function auditExportCommand({ host }: CommandContext): Command {
  const command = new Command('export')
    .summary('print every event, oldest first')
    .description(
      'Print every event, oldest first: one JSON object per line, or one document with --json. With --follow it continues with each new event. A signal ends it after a whole line, with exit code 0. If the database fails, it tries again; if the store was replaced, removed or restored, it ends with exit code 8 or 9.',
    )
    .addOption(
      new Option('--after <seq>', 'start after the event with this number').argParser(
        wholeNumber('--after', 0, 999_999_999_999_999),
      ),
    )
    .option('--follow', 'continue with new events as they happen')
    .option('--output <file>', 'append the lines to this file; a log rotation may replace it at any time');
  addGlobalOptions(command).action(async (options: ExportOptions) => {
    const globals = globalOptions(command);
    refuseDocument(globals, options);
    const { after = 0, output = null } = options;
    if (options.follow !== true)
      return reading(host, globals, (store) => print(host, globals, store, options));
    const { follow } = await import('./follow.js');
    return readingExisting(host, globals, (store) => follow(host, globals, store, after, output));
  });
  return explain(
    command,
    [
      ['credctl audit export > audit.jsonl', 'a copy to keep on another machine'],
      [
        'credctl audit export --follow --after 41 --output audit.jsonl',
        'continue after event 41, as a service',
      ],
      ['credctl audit export | jq -c \'select(.action == "credential.delete")\'', 'every deletion'],
    ],
    [0, 2, 4, [6, 'undelivered: the output cannot be written'], 8, 9, 141],
  );
}

function refuseDocument({ json }: GlobalOptions, { follow, output }: ExportOptions): void {
  if (output === '') throw usageError('--output is empty', 'give the path of a file');
  if (!json) return;
  const flag = follow === true ? '--follow' : '--output';
  if (follow === true || output !== undefined) {
    throw usageError(
      `${flag} and --json cannot be used together`,
      `${flag} always writes one JSON object per line`,
    );
  }
}

/** Prints the events of one snapshot. */
async function print(
  host: Host,
  { json }: GlobalOptions,
  store: Store,
  { after, output }: ExportOptions,
): Promise<void> {
  const lines = output === undefined ? null : host.lines(output);
  let separator = '';
  if (json) host.out.write('{"schema_version":1,"events":[');
  for await (const batch of store.exportAudit(after)) {
    for (const recorded of batch) {
      const event = safeJson(exportedEvent(recorded));
      if (lines !== null) await lines.write(`${event}\n`);
      else host.out.write(json ? `${separator}${event}` : `${event}\n`);
      separator = ',';
    }
  }
  if (json) host.out.write(']}\n');
  lines?.close();
}
