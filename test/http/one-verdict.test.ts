import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RefusalReason } from '../../src/domain/verdict.js';
import type { SecretVerifier } from '../../src/index.js';
import { forged, issueClient, type TestClient, unknownSecret } from '../support/clients.js';
import { library } from '../support/library.js';
import { POSTGRES_18 } from '../support/postgres-stores.js';
import { openSession, type Session } from '../support/run.js';
import { basic, bearer, type Server, startServer } from '../support/server.js';
import { openTeamSession } from '../support/verifier-login.js';
import '../support/patience.js';

type Outcome = RefusalReason | 'valid';

/** One store, and the server that is asked about it. */
interface Place {
  readonly session: Session;
  /** Changes rows as no command does. */
  readonly tamper: (sql: string) => Promise<unknown>;
  readonly server: Server;
}

/** What is presented, and in which state the store is then. */
interface Scene {
  readonly session: Session;
  readonly tamper: Place['tamper'];
  /** What the case's own API key, client and owner are called. */
  readonly names: { readonly key: string; readonly client: string; readonly owner: string };
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
  (argv: (names: Scene['names']) => readonly string[]) =>
  ({ session, names }: Scene) =>
    session.ok(...argv(names));

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

const expire = ({ tamper, names: { key, client } }: Scene) =>
  tamper(
    `update credential set expires_at = 1 where name in ('${key}', '${client}'); update generation set value = value + 1`,
  );

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
    async ({ session, names }) => {
      for (const name of [names.key, names.client]) await session.ok('rotate', name, '--now', '-q');
    },
    'version_retired',
  ),
  ...stops(
    'of a credential that is switched off',
    cli(({ key, client }) => ['deactivate', key, client]),
    'inactive',
  ),
  ...stops(
    'whose owner is switched off',
    cli(({ owner }) => ['owner', 'deactivate', owner]),
    'owner_inactive',
  ),
  ...stops('of a credential that has expired', expire, 'expired'),
  ...stops(
    'of what is switched off, without an active owner and expired',
    async (scene) => {
      await expire(scene);
      await cli(({ owner }) => ['owner', 'deactivate', owner])(scene);
      await cli(({ key, client }) => ['deactivate', key, client])(scene);
    },
    'inactive',
  ),
  {
    what: 'an API key whose credential was deleted',
    change: cli(({ key }) => ['delete', key, '--yes']),
    present: key,
    expected: 'deleted',
    elsewhere: 'unknown',
  },
  {
    what: 'a client secret whose credential was deleted',
    change: cli(({ client }) => ['delete', client, '--yes']),
    present: client,
    expected: 'deleted',
    elsewhere: 'unknown',
  },
  {
    what: 'a token whose client was deleted',
    change: cli(({ client }) => ['delete', client, '--yes']),
    present: token,
    expected: 'unknown',
  },
  {
    what: 'a token whose time is over',
    change: ({ tamper, names }) =>
      tamper(
        `update access_token set expires_at = issued_at + 1
         where credential_id = (select id from credential where name = '${names.client}')`,
      ),
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
      change: cli(({ client }) => ['edit', client, '--scope', 'data:users']),
      present: ({ token }) => ({ secret: token, scope }),
      expected,
    },
  ]),
  {
    what: 'a token of data:*, whose client was narrowed to data:users, for nothing in particular',
    change: cli(({ client }) => ['edit', client, '--scope', 'data:users']),
    present: token,
    expected: 'valid',
  },
  {
    what: 'a token of data:*, whose client holds something else now',
    change: cli(({ client }) => ['edit', client, '--scope', 'events:messages']),
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

async function askLibrary(
  verifier: SecretVerifier,
  { secret, clientId, scope }: ReturnType<Case['present']>,
) {
  const options = { ...(clientId ? { clientId } : {}), ...(scope ? { scopes: [scope] } : {}) };
  const answer = await verifier.verify(secret, options);
  return answer.valid ? 'valid' : answer.reason;
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

/** A key and a client of one owner, with a token, that no other case knows. */
async function openScene({ session, tamper, server }: Place, number: number): Promise<Scene> {
  const names = { key: `key-${number}`, client: `client-${number}`, owner: `ops-${number}` };
  await session.ok('owner', 'create', names.owner, '--kind', 'service');
  const secretKey = await session.issue(names.key, '--owner', names.owner);
  const oauth = await issueClient(session, names.client, '--owner', names.owner);
  const form = { grant_type: 'client_credentials' };
  const granted = await server.post('/oauth/v1/token', form, basic(oauth.clientId, oauth.secret));
  const { access_token } = JSON.parse(granted.text) as { access_token: string };
  return { session, tamper, names, key: secretKey, client: oauth, token: access_token };
}

describe.each(ENGINES)('on $label, command line, server and library', ({ open }) => {
  it('come to one verdict on every case', async () => {
    const { session, tamper, store } = await open();
    await session.ok('owner', 'create', 'first', '--kind', 'service');
    const server = await startServer(session);
    const verifier = library.createVerifier(store);
    onTestFinished(() => verifier.close());
    const found: Record<string, unknown> = {};
    for (const [number, { what, change, present }] of CASES.entries()) {
      const scene = await openScene({ session, tamper, server }, number);
      const presented = present(scene);
      await change?.(scene);
      found[what] = {
        commandLine: await askCommandLine(session, presented),
        server: await askServer(server, presented),
        library: await askLibrary(verifier, presented),
      };
    }
    const wanted = CASES.map(({ what, expected, elsewhere = expected }) => {
      return [what, { commandLine: expected, server: elsewhere, library: elsewhere }];
    });
    expect(found).toEqual(Object.fromEntries(wanted));
  });
});
