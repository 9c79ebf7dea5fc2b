import type { Store } from '../../../domain/ports/store-port.js';
import type { UseGuard } from '../../../usecases/credential/guard.js';
import { type Stopping, stoppingAmong } from '../../../usecases/credential/stopping.js';
import {
  type Cut,
  type CutBatch,
  cutUnused,
  requireRecordedUses,
  type UnusedSelection,
  unusedCredentials,
} from '../../../usecases/credential/unused.js';
import type { Dependencies } from '../../../usecases/dependencies.js';
import { doubtOf } from '../../../usecases/right-clock.js';
import type { CommandContext } from '../../command-context.js';
import { EXIT_CODES, errorText, errorView } from '../../exit.js';
import type { GlobalOptions } from '../../flags/global.js';
import type { UnusedOptions } from '../../flags/guards.js';
import type { Host } from '../../host/host.js';
import { confirmByTyping, confirmChange, requireConfirmable } from '../../prompts/confirmation.js';
import { jsonDocument } from '../../render/json.js';
import { timeFormatOn } from '../../render/last-use.js';
import { canAsk, changing, clockPolicy, note, readingExisting } from '../../session.js';
import type { TargetResult } from '../targets.js';
import { asks, isWarned, tellBeforeQuestion, tellStopping } from './warning.js';

const WORDS = {
  deactivate: {
    doing: 'Deactivate',
    done: 'deactivated',
    would: 'would_deactivate',
    why: 'this change needs a confirmation',
  },
  delete: { doing: 'Delete', done: 'deleted', would: 'would_delete', why: 'deleting cannot be undone' },
} as const satisfies Record<Cut, unknown>;

/** A selection with its flags. */
export type UnusedInput = UnusedOptions & { readonly unusedFor: NonNullable<UnusedOptions['unusedFor']> };

/** What a command does besides: once a batch is committed, and at the end if anything was cut, however that ended. */
export interface Aftermath {
  batch(deps: Dependencies, done: CutBatch['done']): Promise<void>;
  end(deps: Dependencies): Promise<void>;
}

/**
 * Deactivates or deletes what was not used for some time: asks, goes on in batches, and reports each. With
 * `--dry-run` it only says which.
 *
 * @throws CredctlError `conflict` where no use at all was recorded within that time; `store_unavailable` where there is
 *   no store
 */
export async function runUnused(
  context: CommandContext,
  globals: GlobalOptions,
  cut: Cut,
  input: UnusedInput,
  after: Aftermath = { batch: async () => {}, end: async () => {} },
): Promise<void> {
  const { host } = context;
  const selectionNow = (): UnusedSelection => ({ cut, unusedFor: input.unusedFor, now: host.clock.now() });
  if (input.dryRun === true) {
    return readingExisting(host, globals, async (store) => {
      const selection = selectionNow();
      await refuseUnrecorded(host, globals, store, selection, input);
      await listUnused(host, globals, store, selection);
    });
  }
  if (!globals.yes && !canAsk(host, globals)) {
    return readingExisting(host, globals, async (store) => {
      const selection = selectionNow();
      // Without a confirmation nothing may be cut; of nothing selected, none is needed.
      if (await hasAny(store, selection)) requireConfirmable(host, globals, WORDS[cut].why);
      await refuseUnrecorded(host, globals, store, selection, input);
      reportCut(host, globals, cut, [], { done: 0, refused: 0 });
    });
  }
  await readingExisting(host, globals, async (store) => void (await store.settings()));
  await changing(host, globals, async (deps) => {
    const selection = selectionNow();
    await refuseUnrecorded(host, globals, deps.store, selection, input);
    if (asks(host, globals) || isWarned(globals, deps.store)) {
      const { count, stopping } = await selected(deps.store, selection);
      if (count > 0) await confirmSelection(host, globals, selection, count, stopping);
    }
    const figures = { done: 0, refused: 0 };
    try {
      await cutAll(context, globals, deps, selection, input, after, figures);
    } finally {
      if (figures.done > 0) await after.end(deps);
    }
  });
}

/** A clock in doubt is noted: what counts as unused depends on it. */
async function refuseUnrecorded(
  host: Host,
  globals: GlobalOptions,
  store: Store,
  selection: UnusedSelection,
  { force }: UnusedInput,
): Promise<void> {
  const doubt = await doubtOf(store, selection.now);
  if (doubt !== null) clockPolicy(host, globals, store).onClockDoubt?.(doubt);
  if (force !== true) await requireRecordedUses(store, selection);
}

async function listUnused(
  host: Host,
  globals: GlobalOptions,
  store: Store,
  selection: UnusedSelection,
): Promise<void> {
  const names: string[] = [];
  let count = 0;
  for await (const page of unusedCredentials(store, selection)) {
    count += page.length;
    if (globals.json) names.push(...page.map(({ name }) => name));
    else if (page.length > 0) host.out.write(page.map(({ name }) => `${name}\n`).join(''));
  }
  const { would, done } = WORDS[selection.cut];
  if (globals.json) host.out.write(jsonDocument({ [would]: names }));
  else note(host, globals, `${count} would be ${done}`);
}

async function selected(
  store: Store,
  selection: UnusedSelection,
): Promise<{ readonly count: number; readonly stopping: Stopping }> {
  let count = 0;
  async function* counting() {
    for await (const page of unusedCredentials(store, selection)) {
      count += page.length;
      yield page;
    }
  }
  const stopping = await stoppingAmong(counting(), selection.now);
  return { count, stopping };
}

async function confirmSelection(
  host: Host,
  globals: GlobalOptions,
  { cut, unusedFor, now }: UnusedSelection,
  count: number,
  stopping: Stopping,
): Promise<void> {
  const what = `${count} ${count === 1 ? 'credential' : 'credentials'} not used for ${unusedFor.text}`;
  tellStopping(host, globals, stopping, now);
  if (!asks(host, globals)) return;
  if (cut === 'deactivate') return confirmChange(host, globals, `${WORDS[cut].doing} ${what}?`);
  tellBeforeQuestion(host, globals, [`${WORDS[cut].doing} ${what}: this cannot be undone.`]);
  return confirmByTyping(host, String(count), 'another number was typed; nothing was changed');
}

async function cutAll(
  context: CommandContext,
  globals: GlobalOptions,
  deps: Dependencies,
  selection: UnusedSelection,
  guard: UseGuard,
  after: Aftermath,
  figures: { done: number; refused: number },
): Promise<void> {
  const { host } = context;
  const { done: doneWord } = WORDS[selection.cut];
  const results: TargetResult[] = [];
  for await (const { done, refused, used } of cutUnused(deps, selection, guard)) {
    figures.done += done.length;
    figures.refused += refused.length;
    for (const { name, id } of done) {
      if (globals.json) results.push({ name, id, ok: true });
      else note(host, globals, `${doneWord} ${name}`);
    }
    await after.batch(deps, done);
    for (const { credential, fault } of refused) {
      const error = errorView(fault);
      if (globals.json) results.push({ name: credential.name, ok: false, error });
      else host.err.write(errorText(error, false));
    }
    const format = timeFormatOn(host.err, deps.clock.now());
    for (const { name, lastUsedAt } of used) {
      const when = lastUsedAt === null ? '' : ` (${format(lastUsedAt)})`;
      note(host, globals, `left ${name}: it has just been used${when}`);
    }
  }
  reportCut(host, globals, selection.cut, results, figures);
  if (figures.refused > 0) context.setExitCode(figures.done > 0 ? EXIT_CODES.partial : EXIT_CODES.conflict);
}

function reportCut(
  host: Host,
  globals: GlobalOptions,
  cut: Cut,
  results: readonly TargetResult[],
  { done, refused }: { readonly done: number; readonly refused: number },
): void {
  if (globals.json) host.out.write(jsonDocument({ results }));
  else note(host, globals, `${done} ${WORDS[cut].done}${refused > 0 ? `, ${refused} left` : ''}`);
}

async function hasAny(store: Store, selection: UnusedSelection): Promise<boolean> {
  for await (const page of unusedCredentials(store, selection, 1)) if (page.length > 0) return true;
  return false;
}
