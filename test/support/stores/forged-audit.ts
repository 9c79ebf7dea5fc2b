import type { AuditEvent } from '../../../src/domain/audit-event.js';
import { auditRow } from '../../../src/storage/sql/audit-trail.js';
import { type AuditRow, type Cell, insertRow, type Tampering } from './audited-store.js';

type Change = Parameters<Tampering['verdictAfter']>[0];

const NO_HASH = '0'.repeat(64);

/** Other values for a cell: a little off, of another kind, empty, and what stands in the row beside it. */
export function othersFor(value: Cell, neighbour: Cell): readonly Cell[] {
  const text = String(value ?? '');
  const number = Number(value ?? 0);
  const near: readonly Cell[] =
    typeof value === 'number'
      ? [number + 1, number - 1, -number, 0, number + 0.5]
      : [
          `${text}x`,
          `x${text}`,
          text.slice(1),
          text.slice(0, -1),
          text.toUpperCase(),
          text.toLowerCase(),
          `${text} `,
        ];
  const others = [...near, neighbour, null, '', 'null', 0, 1, Buffer.from(text), Buffer.alloc(0)];
  return others.filter((other) => other !== value && !(typeof value === 'number' && other === text));
}

/** The same event told differently, as the program itself would have written it after `previous`. */
export function forge(row: AuditRow, change: (event: AuditEvent) => AuditEvent, previous: string): AuditRow {
  return { ...auditRow(change(JSON.parse(String(row['text'])) as AuditEvent), previous) };
}

/** The hash of the event before `row`. */
export function hashBefore(events: readonly AuditRow[], row: AuditRow): string {
  const before = events.find(({ seq }) => seq === Number(row['seq']) - 1);
  return before === undefined ? NO_HASH : String(before['hash']);
}

/** Removes all but the first `left` events and makes the head agree. */
export function cutAfter(events: readonly AuditRow[], left: number): Change {
  return (database) => {
    database.prepare('delete from audit_event where seq > ?').run(left);
    const hash = left === 0 ? NO_HASH : events[left - 1]?.['hash'];
    database.prepare('update audit_head set seq = ?, hash = ?').run(left, hash);
  };
}

/** Gives every event from `first` on another actor, and makes all hashes and the head agree. */
export function rewriteFrom(events: readonly AuditRow[], first: number): Change {
  return (database) => {
    let previous = hashBefore(events, events[first - 1] ?? {});
    for (const event of events.slice(first - 1)) {
      const forged = forge(event, (parsed) => ({ ...parsed, actor: 'nobody@nowhere' }), previous);
      database.prepare('delete from audit_event where seq = ?').run(event['seq']);
      insertRow(forged)(database);
      previous = String(forged['hash']);
    }
    database.prepare('update audit_head set hash = ?').run(previous);
  };
}
