import { readdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPostgresSession, type PostgresSession } from '../../../support/postgres/session.js';
import { POSTGRES_18, POSTGRES_ENGINES, type PostgresEngine } from '../../../support/postgres/stores.js';
import { openSession } from '../../../support/program/run.js';

type Args = readonly string[];

const CREATE: Args = ['create', 'new', '--type', 'api-key', '--scope', 'data:users'];
const LOOK: readonly Args[] = [
  ['list'],
  ['show', 'bot'],
  ['owner', 'list'],
  ['catalog', 'show'],
  ['store', 'info'],
];
const TRAIL: readonly Args[] = [['audit'], ['audit', 'verify'], ['audit', 'export']];
const CHANGE: readonly Args[] = [
  CREATE,
  ['edit', 'bot', '--description', 'x'],
  ['deactivate', 'bot'],
  ['rotate', 'bot'],
  ['rotate', 'bot', '--now'],
  ['delete', 'bot', '--yes'],
  ['owner', 'create', 'team', '--kind', 'service'],
  ['store', 'set', '--hash', 'bcrypt'],
];

/** A store with the credential `bot`, and a login that may do what the roles say. */
async function shared(engine: PostgresEngine, roles: Args) {
  const session = await openPostgresSession(engine);
  const secret = await session.issue('bot');
  const login = `login-${new URL(session.publicUrl).pathname.slice(3)}`;
  await session.database.ask(`create role "${login}" login password 'theirs'`);
  onTestFinished(async () => {
    await session.database.ask(`drop owned by "${login}"; drop role "${login}"`);
  });
  for (const role of roles) await session.ok('store', 'grant', role, '--to', login, '--reason', 'asked for');
  const store = Object.assign(new URL(session.publicUrl), { username: login }).href;
  const as = (args: Args, stdin?: string) =>
    session.run([...args, '--store', store], {
      env: { PGPASSWORD: 'theirs' },
      ...(stdin === undefined ? {} : { stdin }),
    });
  return { session, secret, as, login };
}

/** The command is refused with the role that would allow it, and leaves no trace. */
async function expectForbidden(
  session: PostgresSession,
  as: (args: Args) => ReturnType<PostgresSession['run']>,
  args: Args,
  role: string,
): Promise<void> {
  const trail = await session.ok('audit', 'export');
  const { exitCode, stderr, stdout } = await as(args);
  expect([args.join(' '), exitCode], stderr).toEqual([args.join(' '), 4]);
  expect(stderr).toContain(`store grant ${role} --to`);
  expect(stdout).toBe('');
  expect(await session.ok('audit', 'export')).toBe(trail);
}

describe.each(POSTGRES_ENGINES)('on $label', (engine) => {
  it('an auditor reads everything but hashes, and changes nothing', async () => {
    const { session, secret, as } = await shared(engine, ['auditor']);
    const handle = secret.slice(0, 'cctl_key_0123456789AB'.length);
    const byHandle = [
      ['show', handle],
      ['list', '--search', handle],
      ['audit', '--target', handle],
    ];
    for (const args of [...LOOK, ...TRAIL, ...byHandle]) {
      const { exitCode, stdout, stderr } = await as(args);
      expect([args.join(' '), exitCode], stderr).toEqual([args.join(' '), 0]);
      if (args.includes(handle)) expect(stdout).toContain('bot');
    }
    for (const args of CHANGE) await expectForbidden(session, as, args, 'admin');
    // What is denied stops nothing.
    for (const args of [
      ['delete', 'bot', '--yes'],
      ['deactivate', 'bot'],
      ['rotate', 'bot', '--now'],
    ])
      expect((await as(args)).stderr, args.join(' ')).not.toMatch(/stops|note:/);
    await expectForbidden(session, as, ['store', 'check'], 'admin');
    await expectForbidden(session, (args) => as(args, secret), ['verify'], 'verifier');
    await session.ok('delete', 'bot', '--yes');
    expect((await as(['show', handle])).stderr).toContain('it belonged to bot, which was deleted');
    expect((await as(['audit', '--target', handle])).stdout).toContain('credential.delete');
  });

  it('a verifier verifies secrets and counts uses, and changes no credential', async () => {
    const { session, secret, as } = await shared(engine, ['verifier']);
    // A look that this login cannot note is answered all the same.
    expect((await as(['verify'], secret)).exitCode).toBe(0);
    expect((await as(['verify', '--record-use'], secret)).exitCode).toBe(0);
    expect((await as(['verify', '--record-use'], secret)).exitCode).toBe(0);
    const [use] = await session.database.ask<{ n: number }>(
      'select count(*) as n from credctl.last_use where number > 0 and last_used_at > 0',
    );
    expect(use?.n).toBe(1);
    for (const args of CHANGE) await expectForbidden(session, as, args, 'admin');
    for (const args of TRAIL) await expectForbidden(session, as, args, 'auditor');
    // Ends by time are stamped by a later command with the right to write.
    await session.issue('over');
    await session.database.ask(
      "update version set retires_at = 1 where credential_key = (select key from credential where name = 'over')",
    );
    expect((await as(['verify'], secret)).exitCode).toBe(0);
    await session.ok('deactivate', 'bot');
    expect((await as(['verify'], secret)).exitCode).toBe(4);
  });

  it('an admin does everything but grant, and cannot alter the audit trail', async () => {
    const { session, secret, as, login } = await shared(engine, ['admin']);
    for (const args of [
      ...LOOK,
      ...TRAIL,
      CREATE,
      ['store', 'check'],
      ['store', 'set', '--hash', 'sha256'],
    ]) {
      const { exitCode, stderr } = await as(args);
      expect([args.join(' '), exitCode], stderr).toEqual([args.join(' '), 0]);
    }
    expect((await as(['rotate', 'bot', '--now'])).exitCode).toBe(0);
    expect((await as(['verify'], secret)).exitCode).toBe(4);
    expect((await as(['delete', 'bot', '--yes'])).exitCode).toBe(0);
    expect((await as(['store', 'grant', 'auditor', '--to', login])).exitCode).toBe(4);
    for (const sql of [
      'delete from audit_event',
      "update audit_event set actor = 'x'",
      'drop table audit_event',
    ]) {
      const alter = session.database.ask(`set session authorization "${login}"; ${sql}`);
      await expect(alter).rejects.toThrow(/permission denied|must be owner/);
      await session.database.ask('reset session authorization');
    }
    await session.ok('audit', 'verify');
  });

  it('what was granted is in the audit trail', async () => {
    const { session, login } = await shared(engine, ['auditor', 'verifier']);
    const trail = await session.ok('audit', '--action', 'store.grant', '--json');
    expect(trail).toContain(`{"role":"verifier","to":"${login}"}`);
    expect(trail).toContain('"reason":"asked for"');
    await session.ok('audit', 'verify');
  });
});

describe('a grant', () => {
  it('needs a role that exists, on both sides, and a database', async () => {
    const session = await openPostgresSession();
    await session.refused(8, ['store', 'grant', 'admin', '--to', 'postgres']);
    await session.issue('x');
    await session.refused(3, ['store', 'grant', 'admin', '--to', 'nobody-has-this-name']);
    await session.refused(3, ['store', 'grant', 'admin', '--to', '"; drop schema credctl cascade; --']);
    await session.refused(2, ['store', 'grant', 'boss', '--to', 'postgres']);
    await session.refused(2, ['store', 'grant', 'admin']);
    const files = await openSession();
    await files.refused(2, ['store', 'grant', 'admin', '--to', 'postgres']);
    expect((await files.refused(8, ['list', '--store', 'none.db'])).message).toContain('no store');
  });
});

describe('a copy', () => {
  it.each(['auditor', 'verifier'])(
    'is refused to a login of the role %s, and nothing of it stays',
    async (role) => {
      const { session, as } = await shared(POSTGRES_18, [role]);
      const before = readdirSync(session.workspace.directory);
      await expectForbidden(session, as, ['store', 'copy', '--to', 'mine.db'], 'admin');
      const { stderr } = await as(['store', 'copy', '--to', 'mine.db']);
      expect(stderr).toContain('this login may not change the store, and a copy is recorded in it');
      expect(readdirSync(session.workspace.directory)).toEqual(before);
    },
  );
});
