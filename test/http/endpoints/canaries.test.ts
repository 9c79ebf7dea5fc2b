import { expect, it } from 'vitest';
import { openTeamSession } from '../../support/postgres/verifier-login.js';
import { openSession, type Session } from '../../support/program/run.js';
import { unknownSecret } from '../../support/servers/clients.js';
import { basic, bearer, startServer } from '../../support/servers/server.js';

interface Leaks {
  readonly leaks: readonly {
    readonly source: string;
    readonly live: boolean;
    readonly handle: string;
    readonly places: readonly string[];
    readonly credential: { readonly name: string; readonly status: string };
  }[];
}

async function leaksIn(session: Session): Promise<Leaks['leaks']> {
  return (JSON.parse(await session.ok('leaks', '--json')) as Leaks).leaks;
}

const ENGINES = [
  { label: 'SQLite', open: async () => ({ session: await openSession(), gateway: null }) },
  {
    label: 'PostgreSQL, by the role verifier',
    open: async () => {
      const session = await openTeamSession();
      return { session, gateway: session.gateway };
    },
  },
];

it.each(ENGINES)('a canary is refused as unknown, and its use is a leak: $label', async ({ open }) => {
  const { session, gateway } = await open();
  const key = (await session.ok('create', 'bait', '--type', 'api-key', '--canary', '-q')).trim();
  const created = JSON.parse(await session.ok('create', 'bait-app', '--canary', '--json')) as {
    credential: { status: string; canary: boolean; scopes: string[] };
    secret: { client_id: string; client_secret: string };
  };
  expect(created.credential).toMatchObject({ status: 'canary', canary: true, scopes: [] });
  const { client_id: clientId, client_secret: secret } = created.secret;
  const server = await startServer(gateway ?? session);

  const plain = ({ status, text, headers }: Awaited<ReturnType<typeof server.send>>) => {
    const { date: _date, 'x-request-id': _id, ...rest } = Object.fromEntries(Object.entries(headers));
    return { status, text, rest };
  };
  const verified = async (text: string) => plain(await server.send('/verify', { headers: bearer(text) }));
  expect(await verified(key)).toEqual(await verified(unknownSecret('key')));
  const form = { grant_type: 'client_credentials' };
  const granted = async (id: string, text: string) =>
    plain(await server.post('/oauth/v1/token', form, basic(id, text)));
  const refused = await granted(clientId, secret);
  expect(refused).toEqual(await granted(clientId, unknownSecret('sec')));
  expect(refused).toMatchObject({ status: 401, text: expect.stringContaining('invalid_client') });

  await expect.poll(async () => (await leaksIn(session)).length, { timeout: 60_000 }).toBe(2);
  for (const leak of await leaksIn(session)) {
    expect(leak).toMatchObject({ source: 'canary', live: false, credential: { status: 'canary' } });
    expect(leak.places).toEqual([expect.stringMatching(/^127\.0\.0\.1 at \d{4}-\d\d-\d\dT[\d:.]+Z$/)]);
  }
  expect(await server.end()).toBe(0);
  const alarms = server
    .log()
    .split('\n')
    .filter((line) => line.includes('a canary was presented'));
  expect(alarms).toHaveLength(2);
  for (const line of alarms) expect(line).toMatch(/error|"level":50/);
  expect(server.log()).not.toContain(key);
  expect(await session.ok('store', 'check')).toContain('no problems found');
});
