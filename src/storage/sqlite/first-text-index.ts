import type { Database } from 'better-sqlite3';

/** Makes the index of texts as schema 1 has it: every credential is in it at once. The text is compared with that in files. */
export function createFirstTextIndex(database: Database): void {
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
