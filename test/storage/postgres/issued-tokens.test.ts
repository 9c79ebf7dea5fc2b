import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type StolenLogin, stolenVerifier } from '../../support/postgres/stolen-login.js';
import { POSTGRES_ENGINES } from '../../support/postgres/stores.js';
import { openTeamSession, type TeamSession } from '../../support/postgres/verifier-login.js';
import { issueClient } from '../../support/servers/clients.js';

interface Wish {
  readonly id?: string;
  readonly of?: string;
  readonly digest?: string;
  readonly scopes?: string;
  /** Milliseconds from the database's time on. */
  readonly issued?: number;
  readonly expires?: number;
}

const HOUR = 3_600_000;

/** Calls of the function with the login of a server, and why each must be refused. */
const REFUSED: readonly (readonly [string, Wish, (session: TeamSession) => Promise<unknown>])[] = [
  ['for an API key', { of: 'bot' }, async () => {}],
  ['of no scopes', { scopes: '[]' }, async () => {}],
  ['of an API that the catalog has not', { scopes: '["data:users","gone:all"]' }, async () => {}],
  ['with an id of another form', { id: 'AAAAAAAAAAA/' }, async () => {}],
  ['with a digest of another form', { digest: 'a'.repeat(63) }, async () => {}],
  ['with a digest that is none', { digest: 'g'.repeat(64) }, async () => {}],
  ['of a scope without a permission', { scopes: '["data"]' }, async () => {}],
  ['of a scope that is none', { scopes: '["data:users@planet/x"]' }, async () => {}],
  ['of a scope with an escape', { scopes: '["data:\\u0075sers"]' }, async () => {}],
  ['of what is no list', { scopes: '{"data:users":1}' }, async () => {}],
  ['of what is no JSON', { scopes: 'data:users' }, async () => {}],
  ['of a long scope', { scopes: `["data:${'x'.repeat(513)}"]` }, async () => {}],
  ['of a scope of megabytes', { scopes: `["data:${'x'.repeat(2_000_000)}"]` }, async () => {}],
  ['of a list of megabytes', { scopes: JSON.stringify(Array(200_000).fill('data:users')) }, async () => {}],
  [
    'of a list that is longer than any',
    { scopes: JSON.stringify(Array(9_000).fill('data:users')) },
    async () => {},
  ],
  ['of an API that its client has not', { scopes: '["data:users","credctl:introspect"]' }, async () => {}],
  [
    'of a permission that its client has not',
    { scopes: '["data:*"]' },
    (session) => session.ok('edit', 'crm', '--scope', 'data:users'),
  ],
  ['that is over already', { expires: -1 }, async () => {}],
  ['that was over long ago, but for its end', { issued: -HOUR - 1_000, expires: 9 * HOUR }, async () => {}],
  ['for what is switched off', {}, (session) => session.ok('deactivate', 'crm')],
  ['for what has an owner who is switched off', {}, (session) => session.ok('owner', 'deactivate', 'ops')],
  ['for a version that was revoked', {}, (session) => session.ok('rotate', 'crm', '--now')],
  ['for what was deleted', {}, (session) => session.ok('delete', 'crm', '--yes')],
  [
    'for what has expired',
    {},
    (session) => session.database.ask("update credential set expires_at = 1 where name = 'crm'"),
  ],
  [
    'for a version that has retired',
    {},
    (session) => session.database.ask('update version set retires_at = 1'),
  ],
  [
    'for a version that has lapsed',
    {},
    (session) =>
      session.database.ask('update version set delivered_at = null, lapses_at = 1, received_at = null'),
  ],
];

describe.each(POSTGRES_ENGINES)('a token on $label', (engine) => {
  let session: TeamSession;
  let stolen: StolenLogin;
  let versions: ReadonlyMap<string, readonly [credential: string, version: string]>;

  beforeEach(async () => {
    session = await openTeamSession(engine);
    await session.ok('owner', 'create', 'ops', '--kind', 'service');
    await session.issue('bot');
    await issueClient(session, 'crm', '--owner', 'ops', '--scope', 'data:*', '--scope', 'events:messages');
    stolen = await stolenVerifier(session);
    const rows = await stolen.sql<{ name: string; id: string; version: string }>(
      'select c.name, c.id, v.id as version from credctl.credential c join credctl.version v on v.credential_key = c.key',
    );
    versions = new Map(rows.map(({ name, id, version }) => [name, [id, version]]));
  });

  const wish = async ({ id, of, digest, scopes, issued, expires }: Wish) => {
    const [credential, version] = versions.get(of ?? 'crm') ?? [];
    const now = Date.now();
    return stolen.sql<{ t: string }>(
      'select t from credctl.issue_tokens($1, $2, $3, $4, $5, $6, $7) as t',
      [id ?? 'AAAAAAAAAAAA'],
      [credential],
      [version],
      [digest ?? 'a'.repeat(64)],
      [scopes ?? '["data:users"]'],
      [now + (issued ?? 0)],
      [now + (expires ?? HOUR)],
    );
  };

  const stored = () =>
    session.database.ask<{ life: number; future: string }>(
      `select expires_at - issued_at as life,
        (issued_at > floor(extract(epoch from clock_timestamp()) * 1000))::text as future from access_token`,
    );

  it.each(REFUSED)('is not issued %s', async (_what, asked, change) => {
    await change(session);
    expect(await wish(asked)).toEqual([]);
    expect(await stored()).toEqual([]);
  });

  it('is issued for no longer than the catalog says, and never from the future', async () => {
    for (const [index, asked] of [
      { expires: 9e14 },
      { issued: 9e14, expires: 9e14 },
      { expires: 9e14, scopes: '["data:users","events:messages"]' },
    ].entries()) {
      expect(await wish({ ...asked, id: `AAAAAAAAAAA${index}` })).toHaveLength(1);
    }
    const [one, two, three] = await stored();
    expect([one, two, three]).toEqual([
      { life: HOUR, future: 'false' },
      { life: HOUR, future: 'false' },
      { life: 60_000, future: 'false' },
    ]);
  });

  it('is issued for as much as a client holds, in a moment', async () => {
    const scopes = JSON.stringify(Array.from({ length: 70_000 }, (_, n) => `data:p${n}`));
    await session.database.ask(`update credential set scopes = '${scopes}' where name = 'crm'`);
    await stolen.sql('set statement_timeout = 60000; set temp_file_limit = 100000').catch(() => {});
    expect(await wish({ scopes })).toHaveLength(1);
    expect(await wish({ id: 'AAAAAAAAAAAB', scopes: scopes.replace('p69999', 'p6999') })).toEqual([]);
  });

  it('follows a new catalog at once', async () => {
    const { stdout } = await session.run(['catalog', 'show', '--json']);
    const { catalog } = JSON.parse(stdout) as {
      catalog: { apis: { id: string; access_token_ttl: number }[] };
    };
    const apis = catalog.apis.map((api) => ({ ...api, access_token_ttl: 120 }));
    const file = join(session.workspace.directory, 'catalog.json');
    writeFileSync(file, JSON.stringify({ ...catalog, apis }));
    await session.ok('catalog', 'apply', '--file', file, '--yes');
    expect(await wish({ expires: 9e14 })).toHaveLength(1);
    expect((await stored())[0]?.life).toBe(120_000);
  });

  it('is not issued in a transaction that sees the store as it was', async () => {
    await stolen.sql('begin isolation level repeatable read; select 1 from credctl.store');
    await session.ok('deactivate', 'crm');
    await expect(wish({})).rejects.toThrow('isolation level');
  });
});
