import Database from 'better-sqlite3';
import type { Session } from '../../../support/program/run.js';

/** The address that uses come from. */
export const FROM = '192.0.2.7';

/** Writes into the default store that a credential and its newest version were used, so many ms ago. @returns when */
export function usedAgo({ workspace }: Session, name: string, ms: number): string {
  const at = Date.now() - ms;
  const database = new Database(workspace.defaultStore);
  database
    .prepare(
      `insert or replace into last_use (credential_key, number, first_used_at, last_used_at, last_used_from)
        select c.key, n.number, case when n.number > 0 then @at end, @at, @from from credential c,
          (select 0 as number union select max(v.number) from version v join credential d on d.key = v.credential_key
            where d.name = @name) n
        where c.name = @name`,
    )
    .run({ at, from: FROM, name });
  database.close();
  return new Date(at).toISOString();
}

/** Writes into the default store that a credential was created so many ms ago. */
export function createdAgo({ workspace }: Session, name: string, ms: number): void {
  const database = new Database(workspace.defaultStore);
  database.prepare('update credential set created_at = ? where name = ?').run(Date.now() - ms, name);
  database.close();
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
