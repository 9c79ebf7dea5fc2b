import type { RefusalReason } from '../../../src/domain/credential/verdict.js';
import type { Session } from '../../support/program/run.js';
import { forged, type TestClient, unknownSecret } from '../../support/servers/clients.js';

/** Why something is refused, or that it is not. */
export type Outcome = RefusalReason | 'valid';

/** What is presented, and in which state the store is then. */
export interface Scene {
  readonly session: Session;
  /** Changes rows as no command does. */
  readonly tamper: (sql: string) => Promise<unknown>;
  /** What the case's own API key, client and owner are called. */
  readonly names: { readonly key: string; readonly client: string; readonly owner: string };
  readonly key: string;
  readonly client: TestClient;
  /** An access token for everything that the client may do. */
  readonly token: string;
}

/** Something that is presented, and what all say of it. */
export interface Case {
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

/** Presents the API key. */
export const key = ({ key: secret }: Scene) => ({ secret });
const token = ({ token: secret }: Scene) => ({ secret });
const client = ({ client: { secret, clientId } }: Scene) => ({ secret, clientId });

/** Whatever stops a credential stops its key, its client secret and its tokens alike. */
export function stops(
  what: string,
  change: NonNullable<Case['change']>,
  expected: Outcome,
  elsewhere: Outcome = expected,
): readonly Case[] {
  return [
    { what: `an API key, ${what}`, change, present: key, expected, elsewhere },
    { what: `a client secret, ${what}`, change, present: client, expected, elsewhere },
    { what: `an access token, ${what}`, change, present: token, expected, elsewhere },
  ];
}

/** Lets key and client have expired. */
export const expire = ({ tamper, names: { key, client } }: Scene) =>
  tamper(
    `update credential set expires_at = 1 where name in ('${key}', '${client}'); update generation set value = value + 1`,
  );

/** Scopes of a token as tampering may have left them. */
const unreadable = (
  [
    ['a scope without a permission', `'["data"]'`],
    ['a scope at a level that there is not', `'["data:users@planet/x"]'`],
    ['no scopes', `'[]'`],
    ['what is no list', `'{"data:users":true}'`],
    ['what is no JSON', `'data:users'`],
    ['a scope that is longer than any', `'["data:${'x'.repeat(513)}"]'`],
    ['a list that is longer than any', `'["data:*"${',"data:*"'.repeat(120_000)}]'`],
  ] as const
).map(
  ([what, scopes]): Case => ({
    what: `a token of ${what}`,
    change: ({ tamper, names }) =>
      tamper(
        `update access_token set scopes = ${scopes}
         where credential_id = (select id from credential where name = '${names.client}')`,
      ),
    present: token,
    expected: 'unknown',
  }),
);

export const CASES: readonly Case[] = [
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
    what: 'a client secret whose credential was deleted, with the client id of nobody',
    change: cli(({ client }) => ['delete', client, '--yes']),
    present: ({ client: { secret } }) => ({ secret, clientId: 'cctl_id_0123456789ABCDEF' }),
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
  {
    what: 'a token that was given to an API key',
    change: ({ tamper, names }) =>
      tamper(
        `update access_token set credential_id = (select id from credential where name = '${names.key}'),
           version_id = (select id from version where credential_key = (select key from credential where name = '${names.key}'))
         where credential_id = (select id from credential where name = '${names.client}')`,
      ),
    present: token,
    expected: 'unknown',
  },
  {
    what: 'a token that would live longer than the catalog says',
    change: ({ tamper, names }) =>
      tamper(
        `update access_token set issued_at = 0, expires_at = 4102444800000
         where credential_id = (select id from credential where name = '${names.client}')`,
      ),
    present: token,
    expected: 'expired',
  },
  {
    what: 'a token that lives as long as the catalog says, whatever end it was given',
    change: ({ tamper, names }) =>
      tamper(
        `update access_token set expires_at = 4102444800000
         where credential_id = (select id from credential where name = '${names.client}')`,
      ),
    present: token,
    expected: 'valid',
  },
  {
    what: 'a token of the future',
    change: ({ tamper, names }) =>
      tamper(
        `update access_token set issued_at = issued_at + 120000, expires_at = expires_at + 120000
         where credential_id = (select id from credential where name = '${names.client}')`,
      ),
    present: token,
    expected: 'expired',
  },
  ...unreadable,
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
