import Database from 'better-sqlite3';
import { type AuditEvent, auditEventText, GENESIS_HASH } from '../../../src/domain/audit-event.js';
import { chainHash } from '../../../src/storage/sql/audit-trail.js';

interface Row {
  readonly seq: number;
  readonly text: string;
}

/** Makes the trail of a store in a file one that an older program has written: its events tell no facts and no hash. */
export function forgetFacts(path: string): void {
  const database = new Database(path);
  const rows = database.prepare<[], Row>('select seq, text from audit_event order by seq').all();
  const update = database.prepare('update audit_event set text = ?, hash = ? where seq = ?');
  let previous = GENESIS_HASH;
  database.transaction(() => {
    for (const { seq, text } of rows) {
      const event: AuditEvent = JSON.parse(text);
      const { facts: _facts, ...details } = event.details;
      const { alg: _alg, login: _login, ...rest } = event;
      const older = auditEventText({ ...rest, details });
      previous = chainHash(previous, older);
      update.run(older, previous, seq);
    }
    database.prepare('update audit_head set hash = ?').run(previous);
  })();
  database.close();
}
