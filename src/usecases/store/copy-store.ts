import { CredctlError } from '../../domain/errors.js';
import type {
  CopyDraft,
  CopySource,
  CopyTarget,
  Row,
  TableReader,
  TableShape,
  WorkWatch,
} from '../../domain/ports/copy-port.js';
import type { Random } from '../../domain/ports/ports.js';
import { maskSecrets } from '../../domain/secret/secret-format.js';
import { type ChangeDependencies, change } from '../change.js';

/** Rows per batch: bounds memory, and the work repeated after an interruption. */
const COPY_BATCH = 2_000;

/** External dependencies of a copy besides source and target. */
export type CopyDependencies = Omit<ChangeDependencies, 'store'> & {
  readonly random: Random;
  readonly watch: WorkWatch;
};

/** Result of a copy. */
export interface Copied {
  readonly to: string;
  readonly engine: CopyTarget['engine'];
  /** Id of the copy, which differs from the source's. */
  readonly storeId: string;
  readonly credentials: number;
  readonly rows: number;
  readonly events: number;
  readonly head: string;
  /** Whether the copy was begun by an earlier command. */
  readonly isResumed: boolean;
}

/**
 * Copies a snapshot of a store to an empty target. The target becomes a store only after every table was
 * compared with the source and its audit trail was verified. Until then an interrupted copy is resumed by the
 * next call, which repeats what changed in the source since.
 *
 * The copy gets its own id, as the keychain knows entries by the id of the store.
 *
 * @param batch rows copied per batch
 * @throws CredctlError `conflict` when the target is not empty; `integrity` when the copy differs from the
 *   source or the source's trail was altered, and then there is no copy
 */
export async function copyStore(
  deps: CopyDependencies,
  source: CopySource,
  target: CopyTarget,
  batch = COPY_BATCH,
): Promise<Copied> {
  const { id } = await source.store.settings();
  const draft = await target.open(id, deps.clock.now());
  try {
    try {
      await recordBeginning(deps, source, target, id);
    } catch (fault) {
      throw explainedDenial(fault);
    }
    const copied = await source.inSnapshot(async (snapshot) => {
      await copyRows(deps, source.tables, snapshot, draft, batch);
      return compare(deps, source.tables, snapshot, draft);
    });
    const storeId = deps.random.uuid(deps.clock.now());
    const end = await complete(deps, source, draft, { id, storeId });
    return {
      to: target.location,
      engine: target.engine,
      storeId,
      ...copied,
      ...end,
      isResumed: draft.isResumed,
    };
  } catch (fault) {
    if (fault instanceof CredctlError && leavesNothing(fault, draft)) await draft.discard();
    throw fault;
  } finally {
    await draft.close();
  }
}

/**
 * Whether to discard the draft. A login that may not record the copy cannot resume it; a draft begun by an
 * earlier command is kept.
 */
function leavesNothing({ code }: CredctlError, { isResumed }: CopyDraft): boolean {
  return code === 'integrity' || (code === 'denied' && !isResumed);
}

function explainedDenial(fault: unknown): unknown {
  if (!(fault instanceof CredctlError) || fault.code !== 'denied') return fault;
  return new CredctlError('denied', 'this login may not change the store, and a copy is recorded in it', {
    hint: 'the login needs the role admin: credctl store grant admin --to DBROLE',
    cause: fault,
  });
}

/** Records the copy before it begins, so that every copy is recorded and contains its own record. */
async function recordBeginning(
  deps: CopyDependencies,
  { store, location }: CopySource,
  target: CopyTarget,
  id: string,
): Promise<void> {
  await change({ ...deps, store }, async (tx, now) => {
    await tx.appendAudit(
      {
        ...deps.author,
        action: 'store.copy',
        target: { kind: 'store', id, name: null },
        details: {
          to: maskSecrets(target.location),
          host: deps.processes.self().host,
          location: maskSecrets(location),
        },
      },
      now,
    );
  });
}

async function copyRows(
  { watch }: CopyDependencies,
  tables: readonly TableShape[],
  snapshot: TableReader,
  draft: CopyDraft,
  batch: number,
): Promise<void> {
  const work = watch.count('copying', await rowsIn(tables, snapshot));
  try {
    for (const table of tables) {
      let after = draft.isResumed ? await agreement(table, snapshot, draft, batch, work.advance) : null;
      for (;;) {
        const rows: readonly Row[] = await snapshot.rows(table, after, batch);
        const last = rows.at(-1);
        if (last === undefined) break;
        await draft.insert(table, rows);
        work.advance(rows.length);
        after = keyOf(table, last);
      }
    }
  } finally {
    work.end();
  }
}

/**
 * The last key up to which draft and source agree. Later rows changed in the source since; they are removed
 * from the draft, with the rows that refer to them.
 */
async function agreement(
  table: TableShape,
  snapshot: TableReader,
  draft: CopyDraft,
  batch: number,
  advance: (count: number) => void,
): Promise<Row | null> {
  for (let after: Row | null = null; ; ) {
    const there: readonly Row[] = await draft.rows(table, after, batch);
    if (there.length === 0) return after;
    const here: readonly Row[] = await snapshot.rows(table, after, there.length);
    const different = there.findIndex((row, index) => !isSame(row, here[index]));
    const same = different === -1 ? there : there.slice(0, different);
    const last = same.at(-1);
    if (last !== undefined) after = keyOf(table, last);
    advance(same.length);
    if (different === -1) continue;
    await draft.clearAfter(table, after);
    return after;
  }
}

function isSame(one: Row, other: Row | undefined): boolean {
  return other !== undefined && one.every((value, index) => value === other[index]);
}

function keyOf({ key }: TableShape, row: Row): Row {
  return key.map((index) => row[index] ?? null);
}

async function rowsIn(tables: readonly TableShape[], snapshot: TableReader): Promise<number> {
  let rows = 0;
  for (const table of tables) rows += await snapshot.count(table);
  return rows;
}

/** Reads both sides again from storage and compares them. */
async function compare(
  { watch }: CopyDependencies,
  tables: readonly TableShape[],
  snapshot: TableReader,
  draft: CopyDraft,
): Promise<{ readonly credentials: number; readonly rows: number }> {
  const work = watch.count('comparing', 2 * (await rowsIn(tables, snapshot)));
  let [credentials, rows] = [0, 0];
  try {
    for (const table of tables) {
      const here = await snapshot.digest(table, work.advance);
      const there = await draft.digest(table, work.advance);
      if (here.rows !== there.rows || here.sha256 !== there.sha256) {
        throw new CredctlError('integrity', `the table ${table.name} of the copy differs from the store`, {
          hint: 'no copy was made; find out who changed the copy, and try again',
        });
      }
      rows += here.rows;
      if (table.name === 'credential') credentials = here.rows;
    }
    return { credentials, rows };
  } finally {
    work.end();
  }
}

async function complete(
  deps: CopyDependencies,
  source: CopySource,
  draft: CopyDraft,
  { id, storeId }: { readonly id: string; readonly storeId: string },
): Promise<{ readonly events: number; readonly head: string }> {
  return draft.complete({
    storeId,
    now: deps.clock.now(),
    entry: {
      ...deps.author,
      action: 'store.copy.complete',
      target: { kind: 'store', id: storeId, name: null },
      details: {
        from: maskSecrets(source.location),
        former_id: id,
        host: deps.processes.self().host,
      },
    },
  });
}
