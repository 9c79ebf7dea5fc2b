import Database from 'better-sqlite3';

/** Lets every rotation policy in a store ask for a rotation now, as if its time had passed. */
export function makeOverdue(store: string): void {
  const database = new Database(store);
  try {
    database
      .prepare('update credential set rotation_due_at = created_at where rotation_due_at is not null')
      .run();
  } finally {
    database.close();
  }
}
