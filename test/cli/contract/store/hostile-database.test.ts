import { describe, expect, it, onTestFinished } from 'vitest';
import { library } from '../../../support/build/library.js';
import { sharedDatabase } from '../../../support/postgres/database-logins.js';
import { HostileEngine } from '../../../support/postgres/hostile-engine.js';
import { storeConfig } from '../../../support/postgres/session.js';
import { POSTGRES_18, POSTGRES_ENGINES } from '../../../support/postgres/stores.js';
import { openSession } from '../../../support/program/run.js';
import { issueClient, unknownSecret } from '../../../support/servers/clients.js';
import { basic, bearer, startServer } from '../../../support/servers/server.js';

const GRANT = { grant_type: 'client_credentials' };
const TEST_AUTH = '/rest/v1/auth/test';

describe('in a database with hostile code that no look at the schema shows', () => {
  const hostile = new HostileEngine(POSTGRES_18);

  it('commands, servers and the library do their work, and run none of it', async () => {
    const [database, other] = [await hostile.database(), await hostile.database()];
    for (const { drop } of [database, other]) onTestFinished(drop);
    const session = await openSession({ config: storeConfig(database.url) });
    await session.ok('store', 'init');
    const key = await session.issue('bot');
    const client = await issueClient(session, 'crm');
    const renewed = (await session.ok('rotate', 'bot', '--now', '-q')).trim();
    for (const args of [
      ['list', '--search', 'bot', '--json'],
      ['show', 'bot'],
      ['edit', 'bot', '--description', 'x', '--rotate-every', '90d'],
      ['owner', 'create', 'team', '--kind', 'service'],
      ['edit', 'bot', '--owner', 'team'],
      ['owner', 'list'],
      ['rotate', '--due', '--dry-run'],
      ['audit', 'verify'],
      ['store', 'set', '--hash', 'sha256'],
      ['store', 'info'],
      ['store', 'check'],
    ]) {
      const { exitCode, stderr } = await session.run(args);
      expect([...args, exitCode], stderr).toEqual([...args, 0]);
    }
    const applied = await session.sh(
      'credctl catalog show > c.yaml && credctl catalog apply --file c.yaml --yes',
    );
    expect(applied.exitCode, applied.stderr).toBe(0);
    const server = await startServer(session);
    const { text } = await server.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret));
    const { access_token: token } = JSON.parse(text) as { access_token: string };
    for (const [secret, status] of [
      [renewed, 200],
      [token, 200],
      [key, 401],
    ] as const) {
      expect((await server.send(TEST_AUTH, { headers: bearer(secret) })).status).toBe(status);
    }
    const revoked = await server.post('/oauth/v1/revoke', { token }, basic(client.clientId, client.secret));
    expect([revoked.status, (await server.send('/readyz')).status]).toEqual([200, 200]);
    expect(await server.end()).toBe(0);
    const verifier = library.createVerifier(database.url);
    onTestFinished(() => verifier.close());
    expect(await verifier.verify(renewed)).toMatchObject({ valid: true });
    const to = Object.assign(new URL(other.url), { password: '' }).href;
    const { exitCode, stderr } = await session.run(['store', 'copy', '--to', to], {
      env: { PGPASSWORD: new URL(other.url).password },
    });
    expect(exitCode, stderr).toBe(0);
    await session.ok('delete', 'bot', '--yes');
    expect((await session.run(['verify'], { stdin: renewed })).exitCode).toBe(4);
  });
});

describe.each(POSTGRES_ENGINES)('a schema that somebody else has made first, on $label', (engine) => {
  it('is refused and named by every command, and nothing is made in it', async () => {
    const { own, app, ask } = await sharedDatabase(engine);
    await app.ask(`create schema credctl; grant all on schema credctl to ${own.name}`);
    const session = await openSession({ config: storeConfig(own.url) });
    for (const args of [
      ['store', 'init'],
      ['list'],
      ['create', 'bot', '--type', 'api-key', '--scope', 'data:users'],
      ['store', 'check'],
      ['store', 'migrate'],
      ['store', 'grant', 'verifier', '--to', app.name],
      ['serve', '--port', '0'],
    ]) {
      const refused = await session.refused(4, args);
      expect(refused.message).toContain(`the schema belongs to "${app.name}"`);
      expect(refused.hint).toContain('alter schema credctl owner to');
    }
    const verifier = library.createVerifier(own.url);
    onTestFinished(() => verifier.close());
    await expect(verifier.verify(unknownSecret('key'))).rejects.toMatchObject({ code: 'denied' });
    const file = await openSession();
    await file.ok('store', 'init');
    const url = Object.assign(new URL(own.url), { password: '' }).href;
    await file.refused(4, ['store', 'copy', '--to', url], { env: { PGPASSWORD: own.name } });
    expect(await ask("select 1 from pg_class where relnamespace = 'credctl'::regnamespace")).toEqual([]);
  });
});
