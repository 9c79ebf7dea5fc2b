import type { SqliteDatabase } from './driver/database.js';

/** The trigram index (FTS5) on names and descriptions; an external content table, which holds no copy of the texts. */
const TABLE = `create virtual table credential_text using fts5
    (name_key, description_key, content = 'credential', columnsize = 0, tokenize = 'trigram case_sensitive 1');
  insert into credential_text (credential_text, rank) values ('secure-delete', 1);`;

const TAKE_OUT = `insert into credential_text (credential_text, rowid, name_key, description_key)
        select 'delete', old.key, old.name_key, old.description_key where old.key <= (select reaches from text_index);`;

const PUT_IN = `insert into credential_text (rowid, name_key, description_key)
        select new.key, new.name_key, new.description_key where new.key <= (select reaches from text_index);`;

const LAST = 'select coalesce(max(key), 0) from credential';

/**
 * The index is updated whenever a new credential's number is divisible by this, so it lacks fewer credentials than
 * this.
 */
export const INDEXED_AT_ONCE = 256;

/**
 * Creates the trigram index and the triggers that maintain it. Credentials above the number `reaches` are not
 * indexed yet: a search scans them, and they are indexed in batches, which takes a fraction of the time and pages.
 * Deleted entries are removed physically (`secure-delete`). `reaches` is never above the greatest number in use, so
 * the next credential is not mistaken for an indexed one.
 */
export function createTextIndex(database: SqliteDatabase): void {
  database.exec(
    `${TABLE}
    create table text_index (id integer primary key check (id = 1), reaches integer not null);
    insert into text_index (id, reaches) values (1, 0);
    create trigger credential_text_deleted after delete on credential begin
      ${TAKE_OUT}
      update text_index set reaches = (${LAST}) where reaches > (${LAST});
    end;
    create trigger credential_text_updated after update of name_key, description_key on credential
      when old.name_key is not new.name_key or old.description_key is not new.description_key begin
      ${TAKE_OUT}
      ${PUT_IN}
    end;`,
  );
}

/** Drops the index, so that a migration can create the current one. */
export function dropTextIndex(database: SqliteDatabase): void {
  database.exec(
    `drop trigger if exists credential_text_deleted;
    drop trigger if exists credential_text_updated;
    drop table if exists credential_text;
    drop table if exists text_index;`,
  );
}

/** Builds the index of a store that already holds credentials. */
export function fillTextIndex(database: SqliteDatabase): void {
  database.exec(`insert into credential_text (credential_text) values ('rebuild'); ${REACHES_ALL}`);
}

const REACHES_ALL = `update text_index set reaches = (${LAST})`;

/** Statements to index the credentials above `reaches`, once the newest has that number; none while they are few. */
export function newestToIndex(newest: number): readonly string[] {
  return newest % INDEXED_AT_ONCE === 0 ? INDEX_THE_NEWEST : [];
}

const INDEX_THE_NEWEST: readonly string[] = [
  `insert into credential_text (rowid, name_key, description_key)
    select key, name_key, description_key from credential where key > (select reaches from text_index)`,
  REACHES_ALL,
];
