import { expect } from 'vitest';
import { z } from 'zod';
import type { Session } from '../../../support/program/run.js';

const names = z.array(z.string());

/** What `store restore --json` prints. */
export const restoreDocument = z.strictObject({
  schema_version: z.literal(1),
  restored: z.strictObject({
    file: z.string(),
    location: z.string(),
    store_id: z.string(),
    new_id: z.boolean(),
    credentials: z.int(),
    kept_as: z.string().nullable(),
    known_from: z.enum(['present-store', 'damaged-store', 'nothing']),
    still_deleted: names,
    removed: names,
    withheld: z.array(z.strictObject({ name: z.string(), what: names })),
    not_believed: z.array(z.strictObject({ name: z.string(), what: names })),
    deactivated: names,
    without_secret: names,
    audit_continued: z.boolean(),
    catalog_kept: z.boolean(),
  }),
});

/** A restore of the backup `b.db` that has been confirmed. */
export const RESTORE = ['store', 'restore', 'b.db', '--force', '--yes'] as const;

/** The default store and its audit trail are found to be in order. */
export async function expectSound(session: Session): Promise<void> {
  expect((await session.run(['store', 'check', '--json'])).exitCode).toBe(0);
  expect((await session.run(['audit', 'verify'])).exitCode).toBe(0);
}
