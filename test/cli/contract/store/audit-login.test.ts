import { describe, expect, it, onTestFinished } from 'vitest';
import { openPostgresSession } from '../../../support/postgres/session.js';
import { openSession } from '../../../support/program/run.js';
import { auditDocument } from '../output/shapes.js';

const CREATE = ['create', 'new', '--type', 'api-key', '--scope', 'data:users', '-q'];

describe('an event', () => {
  it('on PostgreSQL names the login that the database saw, whatever role and user it claims to be', async () => {
    const session = await openPostgresSession();
    await session.ok('store', 'init');
    const owner = new URL(session.publicUrl).username;
    const login = `mallory_${new URL(session.publicUrl).pathname.slice(3)}`;
    await session.database.ask(`create role ${login} login password 'theirs' in role ${owner}`);
    await session.database.ask(`alter role ${login} set role = ${owner}`);
    onTestFinished(async () => {
      await session.database.ask(`drop owned by ${login}; drop role ${login}`);
    });
    const store = Object.assign(new URL(session.publicUrl), { username: login }).href;
    const created = await session.run([...CREATE, '--store', store], {
      env: { PGPASSWORD: 'theirs', SUDO_USER: 'ceo' },
    });
    expect(created.exitCode, created.stderr).toBe(0);
    const { events } = await session.json(auditDocument, 'audit', '--target', 'new');
    expect(events.map((event) => event.login)).toEqual([login, login]);
    expect(events[0]?.actor).toMatch(/^ceo \(as \w+\)@/);
    const [head, ...rows] = (await session.ok('audit', '--target', 'new')).split('\n');
    expect(head?.split('\t').at(-1)).toBe('LOGIN');
    expect(rows[0]?.split('\t').at(-1)).toBe(login);
    expect(JSON.parse((await session.ok('audit', 'export')).split('\n')[0] ?? '').login).toBe(owner);
  });

  it('of a file names no login', async () => {
    const session = await openSession();
    await session.ok(...CREATE);
    const { events } = await session.json(auditDocument, 'audit');
    expect(events.every((event) => event.login === null && event.alg === 'sha256')).toBe(true);
    expect((await session.ok('audit')).split('\n')[0]).not.toContain('LOGIN');
  });
});
