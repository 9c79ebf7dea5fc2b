import { describe, expect, it } from 'vitest';
import {
  AUDIT_ACTIONS,
  type AuditEvent,
  auditEventText,
  GENESIS_HASH,
} from '../../src/domain/audit-event.js';

const EVENT: AuditEvent = {
  seq: 7,
  at: 1_893_456_000_123,
  actor: 'root@host',
  action: 'credential.rotate',
  target: { kind: 'credential', id: '0190f7a2-1c3b-7def-8123-456789abcdef', name: 'ci-bot' },
  reason: null,
  details: { version: 2, grace: '24h' },
};

const TEXT =
  '{"action":"credential.rotate","actor":"root@host","at":1893456000123,' +
  '"details":{"grace":"24h","version":2},"reason":null,"seq":7,' +
  '"target":{"id":"0190f7a2-1c3b-7def-8123-456789abcdef","kind":"credential","name":"ci-bot"}}';

describe('the text of an audit event', () => {
  it('is its canonical JSON', () => {
    expect(auditEventText(EVENT)).toBe(TEXT);
  });

  it('does not depend on the order of its parts nor on what does not belong to it', () => {
    const { seq, ...rest } = EVENT;
    const target = { ...EVENT.target, extra: 1 };
    const shuffled = { hash: 'x', ...rest, target, details: { grace: '24h', version: 2 }, seq };
    expect(auditEventText(shuffled)).toBe(TEXT);
  });

  it('changes with every single field', () => {
    const target = EVENT.target;
    const edits: readonly Partial<AuditEvent>[] = [
      { seq: 8 },
      { at: EVENT.at + 1 },
      { actor: 'root@hos' },
      { action: 'credential.rotate.deliver' },
      { target: { ...target, kind: 'owner' } },
      { target: { ...target, id: null } },
      { target: { ...target, name: 'ci-bot2' } },
      { reason: '' },
      { reason: 'null' },
      { details: {} },
      { details: { ...EVENT.details, version: '2' } },
      { alg: 'sha256' },
      { login: 'admin' },
    ];
    const texts = edits.map((edit) => auditEventText({ ...EVENT, ...edit }));
    expect(new Set([TEXT, ...texts]).size).toBe(edits.length + 1);
  });

  it.each([{ at: 1.5 }, { at: Number.NaN }, { seq: 0.5 }, { reason: '\ud800' }])(
    'refuses %j: time and number are whole, strings well-formed',
    (edit) => {
      expect(() => auditEventText({ ...EVENT, ...edit })).toThrow(TypeError);
    },
  );
});

describe('the audit trail', () => {
  it('starts from a hash of 64 zeros', () => {
    expect(GENESIS_HASH).toMatch(/^0{64}$/);
  });

  it('names every action once, as <noun>.<verb>', () => {
    expect(new Set(AUDIT_ACTIONS).size).toBe(AUDIT_ACTIONS.length);
    for (const action of AUDIT_ACTIONS) {
      expect(action).toMatch(/^(credential|version|owner|leak|catalog|store)(\.[a-z]+){1,2}$/);
    }
  });
});
