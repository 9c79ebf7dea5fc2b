import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SecretVerifier } from '../../../src/index.js';
import { library } from '../../support/build/library.js';
import { POSTGRES_18 } from '../../support/postgres/stores.js';
import { openTeamSession } from '../../support/postgres/verifier-login.js';
import { openSession, type Session } from '../../support/program/run.js';
import { issueClient } from '../../support/servers/clients.js';
import { basic, bearer, type Server, startServer } from '../../support/servers/server.js';
import { ALIAS_CASES } from './verdict-aliases.js';
import { CANARY_CASES } from './verdict-canaries.js';
import { CASES, type Case, type Outcome, type Scene } from './verdict-cases.js';

const ALL_CASES = [...CASES, ...CANARY_CASES, ...ALIAS_CASES];

/** One store, and the server that is asked about it. */
interface Place {
  readonly session: Session;
  readonly tamper: Scene['tamper'];
  readonly server: Server;
}

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
    for (const [number, { what, change, present }] of ALL_CASES.entries()) {
      const scene = await openScene({ session, tamper, server }, number);
      const presented = present(scene);
      await change?.(scene);
      found[what] = {
        commandLine: await askCommandLine(session, presented),
        server: await askServer(server, presented),
        library: await askLibrary(verifier, presented),
      };
    }
    const wanted = ALL_CASES.map(({ what, expected, elsewhere = expected }) => {
      return [what, { commandLine: expected, server: elsewhere, library: elsewhere }];
    });
    expect(found).toEqual(Object.fromEntries(wanted));
  });
});
