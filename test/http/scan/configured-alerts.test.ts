import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { POSTGRES_18 } from '../../support/postgres/stores.js';
import { openTeamSession } from '../../support/postgres/verifier-login.js';
import { isMissing } from '../../support/program/missing-programs.js';
import { openSession } from '../../support/program/run.js';
import { alert, alertKey, keyListOf, matchOf, serveKeyList } from '../../support/servers/github-alerts.js';
import { startServer } from '../../support/servers/server.js';

const PATH = '/scan/v1/alert';

describe('taking alerts of GitHub', () => {
  it('is off unless keys are configured', async () => {
    const server = await startServer(await openSession());
    expect((await server.send(PATH, { method: 'POST', body: '[]' })).status).toBe(404);
  });

  it.each([
    [['--on-leak', 'deactivate'], /--on-leak has nothing to act on/],
    [['--github-keys', 'missing.json'], /cannot load the public keys at .*missing.json.*ENOENT/],
    [['--github-keys', 'empty.json'], /empty.json is not a list of public keys/],
    [['--github-keys', 'other.json'], /other.json is not a list of public keys/],
    [['--github-keys', 'http://example.org/keys'], /cannot be a place of public keys/],
    [['--github-keys', ''], /cannot be a place of public keys/],
    [['--github-keys', 'keys.json', '--on-leak', 'delete'], /unknown value "delete" for --on-leak/],
  ])('%j is refused before anything is served', async (flags, message) => {
    const session = await openSession();
    await session.ok('store', 'init', '-q');
    const { directory } = session.workspace;
    writeFileSync(join(directory, 'empty.json'), '{"public_keys":[]}');
    writeFileSync(join(directory, 'other.json'), keyListOf(alertKey('P-384')));
    writeFileSync(join(directory, 'keys.json'), keyListOf(alertKey()));
    const { exitCode, stderr } = await session.run(['serve', '--port', '0', ...flags], { ownProcess: true });
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it('with --on-leak takes the role responder on PostgreSQL: exit code 4 names it', async () => {
    const session = await openTeamSession(POSTGRES_18);
    writeFileSync(join(session.workspace.directory, 'keys.json'), keyListOf(alertKey()));
    const started = startServer(session.gateway, '--github-keys', 'keys.json', '--on-leak', 'deactivate');
    await expect(started).rejects.toThrow(/ended with 4: .*credctl store grant responder --to DBROLE/s);
    const server = await startServer(session.gateway, '--github-keys', 'keys.json');
    expect((await server.send('/readyz')).status).toBe(200);
  });

  it.skipIf(isMissing('public keys from an https URL', 'openssl'))(
    'fetches the keys from an https URL, at the first alert, and no more than once a minute',
    async () => {
      const session = await openSession();
      const bot = await session.issue('ci-bot');
      const key = alertKey();
      const list = await serveKeyList(session.workspace.directory, keyListOf(key));
      const env = { ...session.workspace.env, NODE_EXTRA_CA_CERTS: list.certificate };
      const trusting = { ...session, workspace: { ...session.workspace, env } };
      const server = await startServer(trusting, '--github-keys', list.url);
      expect(list.asked()).toBe(0);
      expect((await alert(server, [matchOf(bot)], key)).status).toBe(200);
      for (let n = 0; n < 5; n += 1)
        expect((await alert(server, [matchOf(bot)], alertKey())).status).toBe(401);
      expect(list.asked()).toBe(1);
      const untrusting = await startServer(session, '--github-keys', list.url);
      const { status, headers } = await alert(untrusting, [matchOf(bot)], key);
      expect([status, Number(headers['retry-after']) > 0]).toEqual([503, true]);
    },
  );
});
