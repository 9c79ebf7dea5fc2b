import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { auditExportCommand } from './export.js';
import { auditListCommand } from './list.js';
import { auditVerifyCommand } from './verify.js';

/** `credctl audit …`; `list` where nothing else is said. */
export function auditCommand(context: CommandContext): Command {
  return new Command('audit')
    .summary('who changed what, when and why')
    .description('Look at, check and export the record of every change.')
    .addCommand(auditListCommand(context), { isDefault: true })
    .addCommand(auditVerifyCommand(context))
    .addCommand(auditExportCommand(context));
}
