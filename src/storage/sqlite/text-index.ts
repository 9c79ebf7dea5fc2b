import type { Database } from 'better-sqlite3';

/** The index of every three characters in names and descriptions (FTS5, trigrams). It holds no copy of the texts. */
const TABLE = `create virtual table credential_text using fts5
    (name_key, description_key, content = 'credential', columnsize = 0, tokenize = 'trigram case_sensitive 1');
  insert into credential_text (credential_text, rank) values ('secure-delete', 1);`;

const TAKE_OUT = `insert into credential_text (credential_text, rowid, name_key, description_key)
        select 'delete', old.key, old.name_key, old.description_key where old.key <= (select reaches from text_index);`;

const PUT_IN = `insert into credential_text (rowid, name_key, description_key)
        select new.key, new.name_key, new.description_key where new.key <= (select reaches from text_index);`;

const LAST = 'select coalesce(max(key), 0) from credential';

/** The index is brought up to date with each credential whose number this divides: fewer than that are not in it. */
export const INDEXED_AT_ONCE = 256;

/**
 * Makes the index, and what keeps it in step with the credentials. The newest ones, above the number that it reaches,
 * are not in it: a search reads them, and as they have become too many, all are put in at once, which takes a
 * fraction of the time and the pages. What is deleted is taken out of it at once (`secure-delete`), not merely marked.
 * The number is never above that of a credential, so that the next one is not taken for one that is in the index.
 */
export function createTextIndex(database: Database): void {
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

/** Takes the index away, so that a migration makes the present one. */
export function dropTextIndex(database: Database): void {
  database.exec(
    `drop trigger if exists credential_text_deleted;
    drop trigger if exists credential_text_updated;
    drop table if exists credential_text;
    drop table if exists text_index;`,
  );
}

/** Fills the index of a store whose credentials were there before it. */
export function fillTextIndex(database: Database): void {
  database.exec(`insert into credential_text (credential_text) values ('rebuild'); ${REACHES_ALL}`);
}

const REACHES_ALL = `update text_index set reaches = (${LAST})`;

/** Statements that put the newest credentials into the index. */
export const INDEX_THE_NEWEST: readonly string[] = [
  `insert into credential_text (rowid, name_key, description_key)
    select key, name_key, description_key from credential where key > (select reaches from text_index)`,
  REACHES_ALL,
];
