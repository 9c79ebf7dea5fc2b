import { describe, expect, it } from 'vitest';
import { changeLine, eventChanges } from '../../../src/cli/render/event-changes.js';

describe('what an event changed', () => {
  it.each([
    [{ owner: { from: null, to: 'bob' } }, 'owner: none → bob'],
    [{ scopes: { from: ['a:x', 'a:y'], to: ['a:y', 'a:z'] } }, 'scopes: +a:z -a:x'],
    [{ scopes: { from: ['a:x'], to: ['a:*'], replaced: true } }, 'scopes: +a:* -a:x'],
    [{ labels: { from: { team: 'a' }, to: { team: 'b', tier: '1' } } }, 'labels: +team=b +tier=1 -team=a'],
    [{ expires_at: { from: 0, to: null } }, 'expires at: 1970-01-01T00:00:00.000Z → none'],
    [{ grace_ms: 86_400_000, revoke_older: false, version: 2 }, 'grace: 1d; version: 2'],
    [{ forced: true, versions: [1, 2] }, 'forced: true; versions: 1, 2'],
    [{ client_id: null, facts: { owner_id: 'x' }, handle: 'cctl_key_x' }, ''],
    [{ counts: { a: { b: 1 } } }, 'counts: {"a":{"b":1}}'],
    [{ expires_at: 1e300 }, 'expires at: 1e+300'],
  ])('%j', (details, line) => {
    expect(changeLine(details)).toBe(line);
    expect(eventChanges(details)).toHaveLength(line === '' ? 0 : line.split('; ').length);
  });

  it('may be put into a sentence', () => {
    const details = { scopes: { from: ['a:x'], to: ['a:x', 'a:y'] }, owner: { from: 'ada', to: 'bob' } };
    expect(changeLine(details, ' ')).toBe('scopes +a:y; owner ada → bob');
  });
});
