import type { Catalog } from '../../../domain/scope/catalog.js';
import { safeForTerminal } from '../../../domain/text/safe-text.js';
import { planCatalog, replaceCatalog } from '../../../usecases/catalog.js';
import type { GlobalOptions } from '../../flags/global.js';
import type { Host } from '../../host/host.js';
import { confirmChange, requireConfirmable } from '../../prompts/confirmation.js';
import { jsonDocument } from '../../render/json.js';
import { changing, note } from '../../session.js';

/** Shows the difference to a new catalog, asks for confirmation, and replaces the catalog. */
export async function changeCatalog(
  host: Host,
  globals: GlobalOptions,
  next: Catalog,
  dryRun: boolean,
): Promise<void> {
  await changing(host, globals, async (deps) => {
    const plan = await planCatalog(deps.store, next);
    const { differences } = plan;
    if (differences.length > 0 && !dryRun) requireConfirmable(host, globals);
    if (!globals.json) {
      for (const line of differences) host.out.write(`${safeForTerminal(line, { newlines: 'escape' })}\n`);
    }
    const isChange = differences.length > 0 && !dryRun;
    if (isChange) {
      await confirmChange(host, globals, `Replace the catalog by ${next.name}?`);
      await replaceCatalog(deps, next, plan);
    }
    if (globals.json) host.out.write(jsonDocument({ differences, applied: isChange }));
    note(host, globals, outcome(differences.length, isChange, next.name));
  });
}

function outcome(differences: number, applied: boolean, name: string): string {
  if (differences === 0) return `the store already has the catalog ${name}; nothing was changed`;
  return applied ? `the catalog is ${name} now` : 'nothing was changed';
}
