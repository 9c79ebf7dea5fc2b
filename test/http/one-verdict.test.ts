import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RefusalReason } from '../../src/domain/verdict.js';
import { forged, issueClient, type TestClient, unknownSecret } from '../support/clients.js';
import { library } from '../support/library.js';
import { POSTGRES_18 } from '../support/postgres-stores.js';
import { openSession, type Session } from '../support/run.js';
import { basic, bearer, type Server, startServer } from '../support/server.js';
import { openTeamSession } from '../support/verifier-login.js';
import '../support/patience.js';

type Outcome = RefusalReason | 'valid';

/** What is presented, and in which state the store is then. */
interface Scene {
  readonly session: Session;
  /** Changes rows as no command does. */
  readonly tamper: (sql: string) => Promise<unknown>;
  readonly key: string;
  readonly client: TestClient;
  /** An access token for everything that the client may do. */
  readonly token: string;
}

interface Case {
  readonly what: string;
  readonly change?: (scene: Scene) => Promise<unknown>;
  readonly present: (scene: Scene) => {
    readonly secret: string;
    readonly clientId?: string;
    readonly scope?: string;
  };
  readonly expected: Outcome;
  /** What server and library say where the trail is not theirs to read. */
  readonly elsewhere?: Outcome;
}

const cli =
  (...argv: readonly string[]) =>
  ({ session }: Scene) =>
    session.ok(...argv);

const key = ({ key: secret }: Scene) => ({ secret });
const token = ({ token: secret }: Scene) => ({ secret });
const client = ({ client: { secret, clientId } }: Scene) => ({ secret, clientId });

/** Whatever stops a credential stops its key, its client secret and its tokens alike. */
function stops(what: string, change: NonNullable<Case['change']>, expected: Outcome): readonly Case[] {
  return [
    { what: `an API key, ${what}`, change, present: key, expected },
    { what: `a client secret, ${what}`, change, present: client, expected },
    { what: `an access token, ${what}`, change, present: token, expected },
  ];
}

const EXPIRE = 'update credential set expires_at = 1; update generation set value = value + 1';
const BOTH = ['key', 'client'];

const CASES: readonly Case[] = [
  { what: 'an API key', present: key, expected: 'valid' },
  { what: 'a client secret with its client id', present: client, expected: 'valid' },
  { what: 'an access token', present: token, expected: 'valid' },
  { what: 'nothing', present: () => ({ secret: 'x' }), expected: 'malformed' },
  { what: 'a mistyped key', present: ({ key }) => ({ secret: `${key}x` }), expected: 'malformed' },
  { what: 'an unknown key', present: () => ({ secret: unknownSecret('key') }), expected: 'unknown' },
  { what: 'an unknown token', present: () => ({ secret: unknownSecret('tok') }), expected: 'unknown' },
  {
    what: 'a client secret with the client id of nobody',
    present: ({ client: { secret } }) => ({ secret, clientId: 'cctl_id_0123456789ABCDEF' }),
    expected: 'unknown',
  },
  { what: 'a forged key', present: ({ key }) => ({ secret: forged(key) }), expected: 'wrong_secret' },
  {
    what: 'a forged client secret',
    present: ({ client: { secret, clientId } }) => ({ secret: forged(secret), clientId }),
    expected: 'wrong_secret',
  },
  { what: 'a forged token', present: ({ token }) => ({ secret: forged(token) }), expected: 'wrong_secret' },
  ...stops(
    'whose version was revoked',
    async ({ session }) => {
      for (const name of BOTH) await session.ok('rotate', name, '--now', '-q');
    },
    'version_retired',
  ),
  ...stops('of a credential that is switched off', cli('deactivate', ...BOTH), 'inactive'),
  ...stops('whose owner is switched off', cli('owner', 'deactivate', 'ops'), 'owner_inactive'),
  ...stops('of a credential that has expired', ({ tamper }) => tamper(EXPIRE), 'expired'),
  ...stops(
    'of what is switched off, without an active owner and expired',
    async (scene) => {
      await scene.tamper(EXPIRE);
      await cli('owner', 'deactivate', 'ops')(scene);
      await cli('deactivate', ...BOTH)(scene);
    },
    'inactive',
  ),
  {
    what: 'an API key whose credential was deleted',
    change: cli('delete', 'key', '--yes'),
    present: key,
    expected: 'deleted',
    elsewhere: 'unknown',
  },
  {
    what: 'a client secret whose credential was deleted',
    change: cli('delete', 'client', '--yes'),
    present: client,
    expected: 'deleted',
    elsewhere: 'unknown',
  },
  {
    what: 'a token whose client was deleted',
    change: cli('delete', 'client', '--yes'),
    present: token,
    expected: 'unknown',
  },
  {
    what: 'a token whose time is over',
    change: ({ tamper }) => tamper('update access_token set expires_at = issued_at + 1'),
    present: token,
    expected: 'expired',
  },
  ...(
    [
      ['data:users', 'valid'],
      ['data:conversations', 'insufficient_scope'],
    ] as const
  ).flatMap(([scope, expected]): readonly Case[] => [
    {
      what: `an API key of data:users for ${scope}`,
      present: ({ key }) => ({ secret: key, scope }),
      expected,
    },
    {
      what: `a token of data:*, whose client was narrowed to data:users, for ${scope}`,
      change: cli('edit', 'client', '--scope', 'data:users'),
      present: ({ token }) => ({ secret: token, scope }),
      expected,
    },
  ]),
  {
    what: 'a token of data:*, whose client was narrowed to data:users, for nothing in particular',
    change: cli('edit', 'client', '--scope', 'data:users'),
    present: token,
    expected: 'valid',
  },
  {
    what: 'a token of data:*, whose client holds something else now',
    change: cli('edit', 'client', '--scope', 'events:messages'),
    present: token,
    expected: 'insufficient_scope',
  },
];

const ENGINES = [
  {
    label: 'SQLite',
    async open() {
      const session = await openSession();
      const tamper = async (sql: string) => {
        const database = new Database(session.workspace.defaultStore);
        database.exec(sql);
        database.close();
      };
      return { session, tamper, store: session.workspace.defaultStore };
    },
  },
  {
    label: POSTGRES_18.label,
    async open() {
      const session = await openTeamSession(POSTGRES_18);
      const tamper = (sql: string) => session.database.ask(`set search_path = credctl; ${sql}`);
      const url = Object.assign(new URL(session.publicUrl), { password: session.password });
      return { session, tamper, store: url.href };
    },
  },
];

async function askCommandLine(session: Session, { secret, clientId, scope }: ReturnType<Case['present']>) {
  const flags = [...(clientId ? ['--client-id', clientId] : []), ...(scope ? ['--scope', scope] : [])];
  const { stdout } = await session.run(['verify', '--json', ...flags], { stdin: secret });
  const document = JSON.parse(stdout) as { valid: boolean; reason?: Outcome };
  return document.valid ? 'valid' : document.reason;
}

/** What the server says is told by its figures alone. */
async function askServer(server: Server, { secret, clientId, scope }: ReturnType<Case['present']>) {
  const count = async () =>
    new Map(
      [
        ...(await server.send('/metrics')).text.matchAll(
          /^credctl_verifications_total\{outcome="(\w+)"\} (\d+)$/gm,
        ),
      ].map(([, outcome = '', times]) => [outcome, Number(times)]),
    );
  const before = await count();
  if (clientId === undefined) {
    await server.send(scope === undefined ? '/verify' : `/verify?scope=${scope}`, {
      headers: bearer(secret),
    });
  } else {
    await server.post('/oauth/v1/token', { grant_type: 'client_credentials' }, basic(clientId, secret));
  }
  const grown = [...(await count())].filter(([outcome, times]) => times > (before.get(outcome) ?? 0));
  expect(grown, server.log()).toHaveLength(1);
  return grown[0]?.[0] === 'granted' ? 'valid' : grown[0]?.[0];
}

describe.each(ENGINES)('on $label, one verdict of command line, server and library on', ({ open }) => {
  it.each(CASES)('$what: $expected', async ({ change, present, expected, elsewhere = expected }) => {
    const { session, tamper, store } = await open();
    await session.ok('owner', 'create', 'ops', '--kind', 'service');
    const secretKey = await session.issue('key', '--owner', 'ops');
    const oauth = await issueClient(session, 'client', '--owner', 'ops');
    const server = await startServer(session);
    const granted = await server.post(
      '/oauth/v1/token',
      { grant_type: 'client_credentials' },
      basic(oauth.clientId, oauth.secret),
    );
    const { access_token } = JSON.parse(granted.text) as { access_token: string };
    const scene = { session, tamper, key: secretKey, client: oauth, token: access_token };
    const presented = present(scene);
    const verifier = library.createVerifier(store);
    onTestFinished(() => verifier.close());
    const askLibrary = async () => {
      const { secret, clientId, scope } = presented;
      const options = { ...(clientId ? { clientId } : {}), ...(scope ? { scopes: [scope] } : {}) };
      const answer = await verifier.verify(secret, options);
      return answer.valid ? 'valid' : answer.reason;
    };
    await change?.(scene);
    expect({
      commandLine: await askCommandLine(session, presented),
      server: await askServer(server, presented),
      library: await askLibrary(),
    }).toEqual({ commandLine: expected, server: elsewhere, library: elsewhere });
  });
});
