import type { Database } from 'better-sqlite3';

/**
 * Makes the index of every three characters in names and descriptions (FTS5, trigrams), and what keeps it in step with
 * the credentials. It holds no copy of the texts. What is deleted is taken out of it at once (`secure-delete`), not
 * merely marked.
 */
export function createTextIndex(database: Database): void {
  database.exec(
    `create virtual table credential_text using fts5
      (name_key, description_key, content = 'credential', columnsize = 0, tokenize = 'trigram case_sensitive 1');
    insert into credential_text (credential_text, rank) values ('secure-delete', 1);
    create trigger credential_text_inserted after insert on credential begin
      insert into credential_text (rowid, name_key, description_key)
        values (new.rowid, new.name_key, new.description_key);
    end;
    create trigger credential_text_deleted after delete on credential begin
      insert into credential_text (credential_text, rowid, name_key, description_key)
        values ('delete', old.rowid, old.name_key, old.description_key);
    end;
    create trigger credential_text_updated after update of name_key, description_key on credential
      when old.name_key is not new.name_key or old.description_key is not new.description_key begin
      insert into credential_text (credential_text, rowid, name_key, description_key)
        values ('delete', old.rowid, old.name_key, old.description_key);
      insert into credential_text (rowid, name_key, description_key)
        values (new.rowid, new.name_key, new.description_key);
    end;`,
  );
}

/** Takes the index away, whose triggers would go with the table of the credentials while the index itself stayed. */
export function dropTextIndex(database: Database): void {
  database.exec(
    `drop trigger if exists credential_text_inserted;
    drop trigger if exists credential_text_deleted;
    drop trigger if exists credential_text_updated;
    drop table if exists credential_text;`,
  );
}

/** Fills the index of a store whose credentials were there before it. */
export function fillTextIndex(database: Database): void {
  database.exec("insert into credential_text (credential_text) values ('rebuild')");
}
