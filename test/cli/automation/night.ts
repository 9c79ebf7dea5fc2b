import { z } from 'zod';
import { openSession, readDocument, type Session } from '../../support/program/run.js';
import { makeOverdue } from '../../support/stores/overdue.js';
import { error } from '../contract/output/shapes.js';

const name = z.string().min(1);
const skipped = z.array(
  z.strictObject({ name, reason: z.enum(['conflict', 'not_due', 'not_found', 'interrupted']) }),
);

/** What `rotate --due --json` prints. */
export const dueDocument = z.strictObject({
  schema_version: z.literal(1),
  rotated: z.array(name),
  failed: z.array(z.strictObject({ name, error })),
  skipped,
});

/** What `rotate --due --dry-run --json` prints. */
export const dryRunDocument = z.strictObject({
  schema_version: z.literal(1),
  would_rotate: z.array(name),
  failed: z.array(z.never()),
  skipped,
});

/** A store with credentials that are due, and the secrets that are in use. */
export interface Night {
  readonly session: Session;
  /** The secret in use of each credential. */
  readonly before: ReadonlyMap<string, string>;
}

/** Opens a session with API keys of these names, all of them due, and a directory `out`. */
export async function openNight(names: readonly string[]): Promise<Night> {
  const session = await openSession();
  await session.ok('store', 'init', '-q');
  const before = new Map<string, string>();
  for (const each of names) before.set(each, await session.issue(each, '--rotate-every', '30d'));
  await session.sh('mkdir -m 700 out');
  makeOverdue(session.workspace.defaultStore);
  return { session, before };
}

/** `a01`, `a02` and so on. */
export function namesUpTo(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `a${String(index + 1).padStart(2, '0')}`);
}

/** The document that a run of `rotate --due --json` printed. */
export function dueIn(stdout: string): z.output<typeof dueDocument> {
  return readDocument(dueDocument, stdout);
}

/** The states of a credential's versions, oldest first. */
export async function statesOf(session: Session, credential: string): Promise<readonly string[]> {
  const shown = JSON.parse(await session.ok('show', credential, '--json'));
  const { versions } = z
    .object({ versions: z.array(z.object({ version: z.number(), state: z.string() })) })
    .parse(shown.credential);
  return versions.toSorted((a, b) => a.version - b.version).map(({ state }) => state);
}
