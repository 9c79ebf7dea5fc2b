import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';

describe('credctl audit show', () => {
  it('tells one event, with what was different after it', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('edit', 'ci-bot', '--add-scope', 'events:messages', '--reason', 'they asked');
    const [last] = JSON.parse(await session.ok('audit', '--limit', '1', '--json')).events;
    const shown = await session.ok('audit', 'show', String(last.seq));
    expect(shown).toMatch(/^action: +credential\.edit$/m);
    expect(shown).toMatch(/^credential: +ci-bot, [0-9a-f-]{36}$/m);
    expect(shown).toMatch(/^reason: +they asked$/m);
    expect(shown).toMatch(/^scopes: +\+events:messages$/m);
    const document = JSON.parse(await session.ok('audit', 'show', String(last.seq), '--json'));
    expect(document).toEqual({ schema_version: 1, event: last });
    expect(last).toMatchObject({ login: null, alg: 'sha256' });
  });

  it('tells the hash of the event apart from a hash that the event is about', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const names = (await session.ok('audit', 'show', '1')).split('\n').map((line) => line.split(':')[0]);
    expect(names).toEqual(expect.arrayContaining(['hash', 'event hash']));
    expect(new Set(names).size).toBe(names.length);
  });

  it('says in the list what each event changed', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('edit', 'ci-bot', '--name', 'robot');
    const [header, row] = (await session.ok('audit')).split('\n').map((line) => line.split('\t'));
    expect(row?.[header?.indexOf('CHANGE') ?? -1]).toBe('name: ci-bot → robot');
  });

  it('refuses what is no number of an event', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    expect(await session.refused(3, ['audit', 'show', '99'])).toMatchObject({
      message: 'there is no event 99',
      hint: "see 'credctl audit' for all events",
    });
    for (const seq of ['0', '-1', '1.5', 'x', '9'.repeat(16)]) {
      await session.refused(2, ['audit', 'show', '--', seq]);
    }
    expect((await session.refused(2, ['audit', 'show'])).hint).toBe('credctl audit show SEQ');
  });
});
