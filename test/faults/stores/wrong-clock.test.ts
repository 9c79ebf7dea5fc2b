import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../support/dependencies/presented.js';
import { clockAhead, withClockAhead } from '../../support/dependencies/wrong-clock.js';
import { openPostgresSession } from '../../support/postgres/session.js';
import { openTeamSession } from '../../support/postgres/verifier-login.js';
import { openSession, type Session } from '../../support/program/run.js';
import { issueClient } from '../../support/servers/clients.js';
import { basic, bearer, type Server, startServer } from '../../support/servers/server.js';

const HOUR = 3_600_000;
const TEST_AUTH = '/rest/v1/auth/test';
const GRANT = { grant_type: 'client_credentials' };

/** More than 20 years: beyond 2038, where 32 bits of seconds end. */
const FAR = 20 * 366 * 24 * HOUR;

function verdict(session: Session, secret: string, ahead: number): Promise<string> {
  return verdictOn(session, secret, { env: clockAhead(ahead) });
}

async function status(server: Server, secret: string): Promise<number> {
  return (await server.send(TEST_AUTH, { headers: bearer(secret) })).status;
}

describe('a machine whose clock is an hour off, and a store in a database', () => {
  it('neither ends what goes on nor revives what has ended, at the command line', async () => {
    const session = await openPostgresSession();
    const lasting = await session.issue('lasting', '--expires-in', '30m');
    const ended = await session.issue('ended');
    const old = await session.issue('rotated');
    await session.ok('rotate', 'rotated', '--grace', '30m', '-q');
    await session.database.ask(
      `update credential set expires_at = (extract(epoch from now()) * 1000)::bigint - 600000 where name = 'ended'`,
    );
    for (const ahead of [HOUR, -HOUR, FAR]) {
      expect(await verdict(session, lasting, ahead)).toBe('valid');
      expect(await verdict(session, old, ahead)).toBe('valid');
      expect(await verdict(session, ended, ahead)).toBe('expired');
    }
    // What such a machine writes is dated by the database, too.
    const made = await session.run(
      ['create', 'late', '--type', 'api-key', '--scope', 'data:users', '-q', '--expires-in', '30m'],
      {
        env: clockAhead(-HOUR),
      },
    );
    expect(await verdict(session, made.stdout.trimEnd(), 0)).toBe('valid');
    const [row] = await session.database.ask<{ off: number }>(
      `select abs(created_at - (extract(epoch from now()) * 1000)::bigint) as off from credential where name = 'late'`,
    );
    expect(Number(row?.off)).toBeLessThan(HOUR / 2);
    expect((await session.run(['audit', 'verify'])).exitCode).toBe(0);
  });

  it.each([HOUR, -HOUR, FAR])('neither ends nor revives anything as a server (%i ms)', async (ahead) => {
    const session = await openTeamSession();
    const lasting = await session.issue('lasting', '--expires-in', '30m');
    const client = await issueClient(session, 'crm');
    const server = await startServer(withClockAhead(session.gateway, ahead));
    const { text } = await server.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret));
    const { access_token: token, expires_in: seconds } = JSON.parse(text) as {
      access_token: string;
      expires_in: number;
    };
    expect(seconds).toBe(3_600);
    expect([await status(server, lasting), await status(server, token)]).toEqual([200, 200]);
    const minutesAgo = '(extract(epoch from now()) * 1000)::bigint - 600000';
    await session.database.ask(`update access_token set expires_at = ${minutesAgo}, issued_at = 1`);
    await session.database.ask(`update credential set expires_at = ${minutesAgo} where name = 'lasting'`);
    expect([await status(server, lasting), await status(server, token)]).toEqual([401, 401]);
  });
});

describe('a machine whose clock is set, and a store in a file', () => {
  it('does not revive what was stamped as ended when the clock is set back', async () => {
    const session = await openSession();
    const old = await session.issue('rotated');
    await session.ok('rotate', 'rotated', '--grace', '30m', '-q');
    const server = await startServer(session);
    expect(await status(server, old)).toBe(200);
    expect(await verdict(session, old, HOUR)).toBe('version_retired');
    // Any write under a clock that is ahead stamps it.
    await session.run(['create', 'other', '--type', 'api-key', '--scope', 'data:users', '-q'], {
      env: clockAhead(HOUR),
    });
    for (const ahead of [0, -HOUR]) expect(await verdict(session, old, ahead)).toBe('version_retired');
    expect(await status(server, old)).toBe(401);
  });

  it('works on past 2038: creating, rotating, verifying, tokens and their end', async () => {
    const session = await openSession();
    const env = clockAhead(FAR);
    const far = (...args: readonly string[]) => session.run(args, { env });
    const key = (
      await far('create', 'bot', '--type', 'api-key', '--scope', 'data:users', '-q', '--expires-in', '90d')
    ).stdout.trimEnd();
    const next = (await far('rotate', 'bot', '--grace', '1h', '-q')).stdout.trimEnd();
    expect([await verdict(session, key, FAR), await verdict(session, next, FAR)]).toEqual(['valid', 'valid']);
    expect(await verdict(session, key, FAR + 2 * HOUR)).toBe('version_retired');
    expect(await verdict(session, next, FAR + 91 * 24 * HOUR)).toBe('expired');
    const shown = JSON.parse((await far('show', 'bot', '--json')).stdout) as {
      credential: { expires_at: string };
    };
    expect(Number(shown.credential.expires_at.slice(0, 4))).toBeGreaterThan(2_038);
    expect((await far('audit', 'verify')).exitCode).toBe(0);
    const server = await startServer(withClockAhead(session, FAR));
    expect(await status(server, next)).toBe(200);
  });
});

describe('a store in a database', () => {
  it('keeps times past 2038', async () => {
    const session = await openTeamSession();
    const key = await session.issue('bot', '--expires-at', '2050-01-01T00:00:00Z');
    const server = await startServer(session.gateway);
    const answer = await server.send(TEST_AUTH, { headers: bearer(key) });
    expect(JSON.parse(answer.text)).toMatchObject({ expires_at: '2050-01-01T00:00:00.000Z' });
  });
});
