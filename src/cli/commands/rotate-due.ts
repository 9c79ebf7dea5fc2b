import { DEFAULT_GRACE } from '../../domain/credential/version.js';
import { type Duration, parseDuration } from '../../domain/duration.js';
import { usageError } from '../../domain/errors.js';
import type { StopRequest } from '../../domain/ports/ports.js';
import type { Dependencies } from '../../usecases/dependencies.js';
import {
  type DueProgress,
  previewDue,
  type RotateDueInput,
  rotateDue,
  stoppedDue,
} from '../../usecases/rotation/rotate-due.js';
import type { CommandContext } from '../command-context.js';
import { type BatchFlags, batchRoute, requireBatchDestination } from '../delivery/batch-route.js';
import { EXIT_CODES } from '../exit.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { jsonDocument } from '../render/json.js';
import { changing, dependencies, note, noteLeftOut, readingExisting } from '../session.js';
import { stopAtSecond } from '../stopping.js';
import { endedBy, reportDue, skippedView, tellSkipped, tellStopped } from './rotate-due-report.js';

/** Flags of `rotate --due` besides the delivery flags. */
export interface RotateDueOptions extends BatchFlags {
  readonly within?: Duration;
  readonly grace?: Duration;
  readonly dryRun?: true;
}

/** What is due, and how older versions end. */
type Plan = Pick<RotateDueInput, 'dueBy' | 'supersede'>;

/**
 * Rotates every credential that is due, in sequence, and reports each outcome. The first signal completes the
 * current rotation; a second one ends a command that is taking its secret.
 *
 * @throws CredctlError `interrupted` and `terminated`, after the summary, when some were skipped for it
 */
export async function runRotateDue(
  context: CommandContext,
  globals: GlobalOptions,
  options: RotateDueOptions,
): Promise<void> {
  const { host } = context;
  // The store's clock is known once it is open.
  const planNow = (): Plan => ({
    dueBy: host.clock.now() + (options.within?.ms ?? 0),
    supersede: { kind: 'grace', ms: (options.grace ?? parseDuration(DEFAULT_GRACE)).ms },
  });
  if (options.dryRun === true) return listDue(host, globals, planNow);
  refuseStdout(options, context.trailing);
  const stop = stopAtSecond(host, globals);
  stop.hold();
  try {
    await readingExisting(host, globals, async (store) => void (await store.settings()));
    const work = (deps: Dependencies) => rotateAll(context, globals, options, planNow(), deps, stop);
    await changing(host, globals, work, stop);
  } finally {
    stop.release();
  }
}

async function rotateAll(
  context: CommandContext,
  globals: GlobalOptions,
  options: RotateDueOptions,
  plan: Plan,
  deps: Dependencies,
  stop: StopRequest,
): Promise<void> {
  const { host } = context;
  if (context.trailing !== null) noteLeftOut(host, globals);
  const route = await batchRoute(context, globals, deps, options, stop);
  for (const destination of route.sample) await destination.preflight({ abandoned: [] });
  const stopped = await stoppedDue(deps.store, plan.dueBy, deps.clock.now());
  const result = await rotateDue(deps, {
    ...plan,
    destinationsFor: route.destinationsFor,
    onProgress: (progress) => showProgress(host, globals, progress),
    isStopped: async () => (await stop.signal()) !== null,
  });
  reportDue(host, globals, result);
  tellStopped(host, globals, stopped);
  const signal = await stop.signal();
  if (signal !== null) throw endedBy(signal, result);
  if (result.failed.length > 0) context.setExitCode(EXIT_CODES.partial);
}

async function listDue(host: Host, globals: GlobalOptions, planNow: () => Plan): Promise<void> {
  await readingExisting(host, globals, async (store) => {
    const plan = planNow();
    const { wouldRotate, skipped } = await previewDue(dependencies(host, globals, store), plan);
    if (globals.json) {
      host.out.write(
        jsonDocument({ would_rotate: wouldRotate, failed: [], skipped: skipped.map(skippedView) }),
      );
      return;
    }
    for (const name of wouldRotate) host.out.write(`${name}\n`);
    tellSkipped(host, globals, skipped);
    note(host, globals, `${wouldRotate.length} would be rotated, ${skipped.length} skipped`);
    tellStopped(host, globals, await stoppedDue(store, plan.dueBy, host.clock.now()));
  });
}

/** What takes one secret alone is refused. */
function refuseStdout(options: RotateDueOptions, trailing: readonly string[] | null): void {
  if (options.output !== undefined) {
    throw usageError('--due and --output cannot be used together', 'name a directory with --output-dir');
  }
  if (options.force === true) {
    throw usageError(
      '--force does not work with --due',
      'leave out --force: --output-dir always replaces the files',
    );
  }
  if (options.print === true) {
    throw usageError('--due prints no secrets', 'add --keychain, --output-dir DIRECTORY, or -- COMMAND');
  }
  requireBatchDestination('--due', options, trailing);
}

function showProgress(
  host: Host,
  globals: GlobalOptions,
  { index, total, name, outcome }: DueProgress,
): void {
  if (!host.err.isTerminal || outcome === 'begun') return;
  note(host, globals, `[${index}/${total}] ${name}: ${outcome}`);
}
