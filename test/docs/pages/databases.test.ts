import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { exampleOf, fencesOf } from '../../support/build/page.js';
import { POSTGRES_18 } from '../../support/postgres/stores.js';
import { openSession, type Session } from '../../support/program/run.js';

/** What the pages call a database, whoever logs in. */
const SHOWN = /postgres:\/\/(\w+)@db\.example\.org\/team\?sslmode=verify-full/g;

/** An empty database, and the blocks of the pages with its URL and roles of its own in place of those that they show. */
async function shared() {
  const database = await POSTGRES_18.database();
  const session = await openSession();
  const url = new URL(database.url);
  const suffix = randomBytes(6).toString('hex');
  const roles = ['alice', 'bob', 'gateway', 'alerts'];
  onTestFinished(async () => {
    for (const role of roles)
      await database.ask(`drop owned by ${role}_${suffix}; drop role ${role}_${suffix}`);
    await database.drop();
  });
  for (const role of roles) await database.ask(`create role ${role}_${suffix} login password 'theirs'`);
  const placed = (text: string): string =>
    text
      .replaceAll(SHOWN, (_, user: string) =>
        roles.includes(user)
          ? Object.assign(new URL(url), { username: `${user}_${suffix}`, password: '' }).href
          : Object.assign(new URL(url), { password: '' }).href,
      )
      .replaceAll(/(?<=--to )(alice|bob|gateway|alerts)\b/g, `$1_${suffix}`);
  const run = async (page: string, name: string): Promise<string> => {
    const password = name === 'grant-and-serve.sh' ? 'theirs' : decodeURIComponent(url.password);
    return runBlock(session, placed(exampleOf(page, name)), password);
  };
  return { session, run, placed };
}

async function runBlock(session: Session, text: string, password: string): Promise<string> {
  const { exitCode, stdout, stderr } = await session.sh(`set -e\n${text}`, { env: { PGPASSWORD: password } });
  expect(exitCode, `${text}\n${stderr}`).toBe(0);
  return `${stdout}${stderr}`;
}

describe('the pages about databases', () => {
  it('have commands that make a store, and let others use it', async () => {
    const { run, session, placed } = await shared();
    expect(await run('docs/several-admins.md', 'grant.sh')).toContain('created the store');
    await session.workspace.configure(placed(exampleOf('docs/several-admins.md', 'alice.toml')));
    const env = { PGPASSWORD: 'theirs' };
    const made = await session.run(['create', 'hers', '--type', 'api-key', '--scope', 'data:users'], { env });
    expect([made.exitCode, made.stderr]).toEqual([0, expect.stringContaining('created API key hers')]);
  });

  it('have statements that make a database, in which its owner makes a store', async () => {
    const database = await POSTGRES_18.database();
    const suffix = randomBytes(6).toString('hex');
    const [owner, team] = [`owner_${suffix}`, `team_${suffix}`];
    const { text = '' } = fencesOf('docs/postgresql.md').find(({ language }) => language === 'sql') ?? {};
    const statements = text
      .replace('role owner', `role ${owner}`)
      .replace('team owner owner', `${team} owner ${owner}`)
      .replace('…', 'theirs');
    for (const statement of statements.trim().split('\n')) await database.ask(statement);
    onTestFinished(async () => {
      await database.ask(`drop database ${team} with (force)`);
      await database.ask(`drop role ${owner}`);
      await database.drop();
    });
    const url = Object.assign(new URL(database.url), { username: owner, password: '', pathname: team }).href;
    const session = await openSession();
    expect(await runBlock(session, `credctl store init --store '${url}'`, 'theirs')).toContain('created');
  });

  it('have commands that make a store and a credential', async () => {
    const { run } = await shared();
    expect(await run('docs/postgresql.md', 'init.sh')).toMatch(/cctl_key_\w{61}/);
  });

  it('have a command that copies a file into a database, and a server that needs no more than its role', async () => {
    const { run, session, placed } = await shared();
    await session.issue('ci-bot');
    expect(await run('docs/moving.md', 'to-postgresql.sh')).toContain('copied 1 credential');
    const [grant = '', serve = ''] = exampleOf('docs/production.md', 'grant-and-serve.sh')
      .split('\n')
      .slice(1);
    const owner = placed("CREDCTL_STORE='postgres://owner@db.example.org/team?sslmode=verify-full'");
    const password = decodeURIComponent(new URL(await POSTGRES_18.server()).password);
    await runBlock(session, placed(`${owner} ${grant}`), password);
    const started = `${placed(serve)} --port 0 > url 2> log & until [ -s url ]; do sleep 0.1; done; kill $!; wait`;
    await runBlock(session, started, 'theirs');
    expect(await session.workspace.read('url')).toMatch(/^http:/);
  });
});
