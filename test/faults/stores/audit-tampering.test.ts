import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { times } from '../../support/faults/concurrently.js';
import { credctl, documentOf } from '../../support/program/real-program.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';
import {
  type AuditRow,
  auditedStore,
  insertRow,
  setColumn,
  Tampering,
} from '../../support/stores/audited-store.js';
import { cutAfter, forge, hashBefore, othersFor, rewriteFrom } from '../../support/stores/forged-audit.js';
import { probing } from '../../support/stores/store-probe.js';

let place: Workplace;
let tampering: Tampering;
let events: readonly AuditRow[];

beforeAll(async () => {
  place = await auditedStore(MEMORY);
  tampering = new Tampering(place);
  events = tampering.events();
});

afterAll(async () => {
  await tampering.close();
  place.remove();
});

describe('audit verify finds', () => {
  it('nothing in a trail that nobody touched', async () => {
    expect(events.length).toBeGreaterThanOrEqual(13);
    const { hash } = tampering.head();
    expect(await tampering.verdictAfter(() => {})).toEqual({
      valid: true,
      events: events.length,
      head: hash,
    });
  });

  it('every edit of a single field of a single event, and names that event', async () => {
    const tried = new Map<string, number>();
    for (const [index, event] of events.entries()) {
      const neighbour = events[(index + 1) % events.length] ?? event;
      for (const column of tampering.columns('audit_event')) {
        for (const value of othersFor(event[column] ?? null, neighbour[column] ?? null)) {
          const verdict = await tampering.verdictAfter(setColumn(column, value, event['seq'] ?? null));
          if (verdict === null) continue;
          tried.set(column, (tried.get(column) ?? 0) + 1);
          const edit = `${column} of ${event['seq']}: ${event[column]} became ${value}`;
          expect(verdict, edit).toMatchObject({ valid: false });
          if (column !== 'seq') expect(verdict, edit).toEqual({ valid: false, firstBad: event['seq'] });
        }
      }
    }
    for (const column of tampering.columns('audit_event')) {
      expect(tried.get(column), `edits of ${column}`).toBeGreaterThanOrEqual(events.length);
    }
  });

  it('every single character of the text that was hashed', async () => {
    const [event] = events.filter(({ reason }) => reason !== null);
    const text = String(event?.['text']);
    for (const position of times(text.length)) {
      const other = text[position] === 'x' ? 'y' : 'x';
      const altered = text.slice(0, position) + other + text.slice(position + 1);
      const verdict = await tampering.verdictAfter(setColumn('text', altered, event?.['seq'] ?? null));
      expect(verdict).toMatchObject({ valid: false, firstBad: event?.['seq'] });
    }
  });

  it('an edit with a hash to match it', async () => {
    for (const event of events) {
      const forged = forge(
        event,
        (parsed) => ({ ...parsed, actor: 'somebody@else' }),
        hashBefore(events, event),
      );
      const verdict = await tampering.verdictAfter((database) => {
        database.prepare('delete from audit_event where seq = ?').run(event['seq']);
        insertRow(forged)(database);
      });
      const isLast = event === events.at(-1);
      expect(verdict).toEqual({ valid: false, firstBad: isLast ? events.length : Number(event['seq']) + 1 });
    }
  });

  it('every deletion, of one event or of several', async () => {
    for (const from of times(events.length)) {
      for (const to of times(events.length).slice(from)) {
        const verdict = await tampering.verdictAfter((database) =>
          database.prepare('delete from audit_event where seq between ? and ?').run(from + 1, to + 1),
        );
        expect(verdict, `${from + 1} to ${to + 1}`).toEqual({ valid: false, firstBad: from + 1 });
      }
    }
  });

  it('every insertion, wherever it is put', async () => {
    const last = events.length;
    for (const event of events) {
      for (const seq of [
        ...times(last + 3),
        -1,
        0.5,
        Number(event['seq']) + 0.5,
        last + 100,
        null,
        'a',
        '',
      ]) {
        const verdict = await tampering.verdictAfter(insertRow({ ...event, seq }));
        if (verdict === null) continue;
        expect(verdict, `a copy of ${event['seq']} as ${seq}`).toMatchObject({ valid: false });
        const position = typeof seq === 'number' ? Math.max(1, Math.ceil(seq)) : null;
        if (position !== null) expect(verdict).toMatchObject({ firstBad: Math.min(position, last + 1) });
      }
    }
  });

  it('an insertion with a number, a time and a hash to match', async () => {
    for (const event of events) {
      const seq = Number(event['seq']);
      const forged = forge(event, (parsed) => ({ ...parsed, seq: seq + 1 }), String(event['hash']));
      const verdict = await tampering.verdictAfter((database) => {
        database.prepare('update audit_event set seq = -seq - 1 where seq > ?').run(seq);
        database.prepare('update audit_event set seq = -seq where seq < 0').run();
        insertRow(forged)(database);
      });
      const isLast = event === events.at(-1);
      expect(verdict).toEqual({ valid: false, firstBad: isLast ? seq + 1 : seq + 2 });
    }
  });

  it('every exchange of two events', async () => {
    for (const one of times(events.length)) {
      for (const other of times(events.length).slice(one + 1)) {
        const verdict = await tampering.verdictAfter((database) => {
          const renumber = database.prepare('update audit_event set seq = ? where seq = ?');
          renumber.run(-1, one + 1);
          renumber.run(one + 1, other + 1);
          renumber.run(other + 1, -1);
        });
        expect(verdict).toEqual({ valid: false, firstBad: one + 1 });
      }
    }
  });

  it('every edit of the head, and its absence', async () => {
    const head = tampering.head();
    for (const column of ['seq', 'hash']) {
      for (const value of othersFor(head[column] ?? null, 7)) {
        const change = `update audit_head set ${column} = ?`;
        const verdict = await tampering.verdictAfter((database) => database.prepare(change).run(value));
        if (verdict !== null) expect(verdict, `${column} became ${value}`).toMatchObject({ valid: false });
      }
    }
    const gone = await tampering.verdictAfter((database) => database.exec('delete from audit_head'));
    expect(gone).toMatchObject({ valid: false });
  });

  it('a tail that was cut off with the head rewritten, by a head hash that was noted elsewhere', async () => {
    const noted = String(tampering.head()['hash']);
    expect(await tampering.verdictAfter(cutAfter(events, 0)), 'nothing is left').toEqual({
      valid: false,
      firstBad: 1,
    });
    for (const left of times(events.length).slice(1)) {
      const cut = cutAfter(events, left);
      expect(await tampering.verdictAfter(cut)).toMatchObject({ valid: true, events: left });
      expect(await tampering.verdictAfter(cut, noted)).toEqual({ valid: false, firstBad: left + 1 });
    }
  });

  it('a chain that was rewritten from some event on, by a head hash that was noted elsewhere', async () => {
    const noted = String(tampering.head()['hash']);
    for (const event of events) {
      const rewrite = rewriteFrom(events, Number(event['seq']));
      expect(await tampering.verdictAfter(rewrite)).toMatchObject({ valid: true, events: events.length });
      expect(await tampering.verdictAfter(rewrite, noted)).toMatchObject({ valid: false });
    }
  });

  it('what was altered far back in a long trail', async () => {
    const long = place.copyStore();
    await probing(long, ({ store, clock, author }) =>
      store.write(async (tx) => {
        const target = { kind: 'store', id: null, name: null } as const;
        for (const n of times(2_100)) {
          await tx.appendAudit({ ...author, action: 'store.set', target, details: { n } }, clock.now());
        }
      }),
    );
    const far = new Tampering(long);
    try {
      expect(await far.verdictAfter(() => {})).toMatchObject({ valid: true, events: events.length + 2_100 });
      for (const seq of [1, 999, 1_000, 1_001, 1_002, 1_999, 2_000, 2_001, events.length + 2_100]) {
        expect(await far.verdictAfter(setColumn('actor', 'x@y', seq))).toEqual({
          valid: false,
          firstBad: seq,
        });
        const deletion = `delete from audit_event where seq = ${seq}`;
        expect(await far.verdictAfter((database) => database.exec(deletion))).toEqual({
          valid: false,
          firstBad: seq,
        });
      }
    } finally {
      await far.close();
      long.remove();
    }
  });
});

describe('the program says so', () => {
  it('with exit 9 and the number of the first altered event', async () => {
    const copy = place.copyStore();
    const noted = String(tampering.head()['hash']);
    expect(await credctl(copy, ['audit', 'verify', '--head', noted])).toMatchObject({ exitCode: 0 });
    const tamper = new Tampering(copy);
    tamper.commit(cutAfter(events, 5));
    await tamper.close();
    expect(await credctl(copy, ['audit', 'verify'])).toMatchObject({ exitCode: 0 });
    const cut = await credctl(copy, ['audit', 'verify', '--head', noted]);
    expect(cut).toMatchObject({ exitCode: 9, stdout: '' });
    expect(cut.stderr).toMatch(/^note: this store is a copy [^\n]+\ncredctl: .*\b6\nhint: .+\n$/);
    const again = new Tampering(copy);
    again.commit(setColumn('reason', 'no reason', 3));
    await again.close();
    const altered = await credctl(copy, ['audit', 'verify', '--json']);
    expect(altered).toMatchObject({ exitCode: 9, stderr: '' });
    expect(documentOf(altered)).toEqual({ schema_version: 1, valid: false, first_bad: 3 });
    expect(await credctl(copy, ['store', 'check'])).toMatchObject({ exitCode: 9 });
    copy.remove();
  });
});
