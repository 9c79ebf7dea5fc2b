import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { auditExportCommand } from './export.js';
import { auditListCommand } from './list.js';
import { auditShowCommand } from './show.js';
import { auditVerifyCommand } from './verify.js';

/** `credctl audit …`; defaults to `list`. */
export function auditCommand(context: CommandContext): Command {
  const command = new Command('audit')
    .description('Show, check and export the audit trail: the record of every change.')
    .addCommand(auditListCommand(context), { isDefault: true })
    .addCommand(auditShowCommand(context))
    .addCommand(auditVerifyCommand(context))
    .addCommand(auditExportCommand(context));
  addGlobalOptions(command).enablePositionalOptions();
  return explain(
    command,
    [
      [
        'credctl audit --target ci-bot --since 30d',
        "what happened to ci-bot? short for 'credctl audit list …'",
      ],
      ['credctl audit show 2', 'what did this event change?'],
      ['credctl audit verify', 'was anything altered?'],
    ],
    [0, 2, 3, 4, 8, 9],
  );
}
