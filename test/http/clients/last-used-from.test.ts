import { describe, expect, it, onTestFinished } from 'vitest';
import { library } from '../../support/build/library.js';
import { POSTGRES_18 } from '../../support/postgres/stores.js';
import { openTeamSession } from '../../support/postgres/verifier-login.js';
import { openSession, type Session } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { issueClient } from '../../support/servers/clients.js';
import { basic, bearer, type Server, startServer } from '../../support/servers/server.js';

const ENGINES = [
  { label: 'SQLite', open: openSession },
  { label: POSTGRES_18.label, open: () => openTeamSession(POSTGRES_18) },
];

interface Used {
  readonly last_used_at: string | null;
  readonly last_used_from: string | null;
  readonly versions: readonly {
    readonly last_used_at: string | null;
    readonly last_used_from: string | null;
  }[];
}

async function shown(session: Session, name: string): Promise<Used> {
  return (JSON.parse(await session.ok('show', name, '--json')) as { credential: Used }).credential;
}

/** Waits until a use later than `before` has been written; from where it was. */
async function usedFrom(session: Session, name: string, before: Used): Promise<string | null> {
  let now = before;
  await until(async () => {
    now = await shown(session, name);
    return now.last_used_at !== before.last_used_at;
  });
  expect(now.versions[0]).toMatchObject({
    last_used_at: now.last_used_at,
    last_used_from: now.last_used_from,
  });
  return now.last_used_from;
}

const from = (address: string) => ({ 'x-forwarded-for': address });

async function tokenOf(server: Server, client: { clientId: string; secret: string }, address: string) {
  const answer = await server.post(
    '/oauth/v1/token',
    { grant_type: 'client_credentials' },
    { ...basic(client.clientId, client.secret), ...from(address) },
  );
  return (JSON.parse(answer.text) as { access_token: string }).access_token;
}

describe.each(ENGINES)('on $label, the address of the last use', ({ open }) => {
  it('is that of the client behind a trusted proxy, for keys, clients and tokens alike', async () => {
    const session = await open();
    const key = await session.issue('ci-bot');
    const client = await issueClient(session, 'crm');
    const server = await startServer(session, '--trust-proxy', '127.0.0.1');
    const unused = await shown(session, 'ci-bot');
    expect(unused).toMatchObject({ last_used_at: null, last_used_from: null });
    await server.send('/verify', { headers: { ...bearer(key), ...from('203.0.113.5:4711') } });
    expect(await usedFrom(session, 'ci-bot', unused)).toBe('203.0.113.5');
    const text = await session.ok('show', 'ci-bot');
    expect(text).toMatch(/^last used: \S+Z from 203\.0\.113\.5$/m);
    expect(text).toMatch(/^version 1: current, .*, last used \S+Z from 203\.0\.113\.5$/m);

    const fresh = await shown(session, 'crm');
    const token = await tokenOf(server, client, '2001:db8::7');
    expect(await usedFrom(session, 'crm', fresh)).toBe('2001:db8::7');
    const obtained = await shown(session, 'crm');
    await server.send('/rest/v1/auth/test', { headers: { ...bearer(token), ...from('203.0.113.9') } });
    expect(await usedFrom(session, 'crm', obtained)).toBe('203.0.113.9');
  });

  it('is not known where a gateway asks about a token of somebody else', async () => {
    const session = await open();
    const client = await issueClient(session, 'crm');
    const gateway = await issueClient(session, 'gateway', '--scope', 'credctl:introspect');
    const server = await startServer(session, '--trust-proxy', '127.0.0.1');
    const fresh = await shown(session, 'crm');
    const token = await tokenOf(server, client, '203.0.113.1');
    await usedFrom(session, 'crm', fresh);
    const before = await shown(session, 'crm');
    const asked = await server.post(
      '/oauth/v1/introspect',
      { token },
      { ...basic(gateway.clientId, gateway.secret), ...from('203.0.113.2') },
    );
    expect(JSON.parse(asked.text)).toMatchObject({ active: true });
    expect(await usedFrom(session, 'crm', before)).toBeNull();
  });
});

it('is the one that a program names to the library', async () => {
  const session = await openSession();
  const key = await session.issue('ci-bot');
  const verifier = library.createVerifier(session.workspace.defaultStore);
  onTestFinished(() => verifier.close());
  await verifier.verify(key, { address: '198.51.100.3:55012' });
  await verifier.close();
  expect(await shown(session, 'ci-bot')).toMatchObject({ last_used_from: '198.51.100.3' });
});

it('is in the refusal to end a grace which an old machine still needs', async () => {
  const session = await openSession();
  const old = await session.issue('ci-bot');
  const server = await startServer(session, '--trust-proxy', '127.0.0.1');
  await session.ok('rotate', 'ci-bot', '-q');
  const before = await shown(session, 'ci-bot');
  await server.send('/verify', { headers: { ...bearer(old), ...from('203.0.113.77') } });
  await until(async () => (await shown(session, 'ci-bot')).last_used_at !== before.last_used_at);
  const { message } = await session.refused(5, ['rotate', 'ci-bot', '--finish']);
  expect(message).toMatch(
    /^ci-bot has not switched: version 2 was never used, version 1 was last used \S+Z from 203\.0\.113\.77$/,
  );
});
