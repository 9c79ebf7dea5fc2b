import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { forged, issueClient } from '../../support/servers/clients.js';
import { alert, alertKey, keyListOf } from '../../support/servers/github-alerts.js';
import { basic, bearer, startServer } from '../../support/servers/server.js';
import { secretPart } from '../../support/stores/store-probe.js';

const TEST_AUTH = '/rest/v1/auth/test';

/** Everything in the files below a directory. */
function contentsOf(directory: string): string {
  return readdirSync(directory, { recursive: true })
    .map((name) => join(directory, String(name)))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
}

it.each([[], ['--dev'], ['--log-format', 'text']])(
  'keeps every secret out of log, store, metrics and errors (%j)',
  async (...flags) => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const client = await issueClient(session, 'crm');
    const scanner = await session.issue('scanner', '--scope', 'credctl:scan');
    const alerting = alertKey();
    writeFileSync(join(session.workspace.directory, 'keys.json'), keyListOf(alerting));
    const server = await startServer(session, '--github-keys', 'keys.json', ...flags);
    const header = basic(client.clientId, client.secret);
    const granted = await server.post('/oauth/v1/token', { grant_type: 'client_credentials' }, header);
    const { access_token: token } = JSON.parse(granted.text) as { access_token: string };
    const answers: string[] = [];
    for (const secret of [key, client.secret, token]) {
      const wrong = forged(secret);
      for (const each of [secret, wrong, secret.slice(0, -1), `${secret}x`]) {
        for (const answered of [
          await server.send(TEST_AUTH, { headers: bearer(each) }),
          await server.send(`${TEST_AUTH}?access_token=${each}`, { headers: bearer(each) }),
          await server.send(`/verify/${each}?scope=${each}&key=${each}`, { headers: { 'x-api-key': each } }),
          await server.send(`/${each}?${each}`, {
            headers: { referer: each, 'user-agent': each, cookie: each },
          }),
          await server.send(`/%zz${each}`),
          await server.send(TEST_AUTH, { headers: { host: each } }),
          await server.send(TEST_AUTH, { headers: { authorization: `${each} ${each}` } }),
          await server.post('/oauth/v1/token', { grant_type: each, client_id: each, client_secret: each }),
          await server.post(`/oauth/v1/token?client_secret=${each}`, { grant_type: 'client_credentials' }),
          await server.post('/oauth/v1/token', { grant_type: 'client_credentials', scope: each }, header),
          await server.post('/oauth/v1/introspect', { token: each }, header),
          await server.send('/scan/v1/check', {
            method: 'POST',
            headers: { ...bearer(scanner), 'content-type': 'application/json' },
            body: JSON.stringify({ secrets: [each] }),
          }),
          await alert(
            server,
            [{ token: each, type: each, url: `https://x/${each}`, source: each }],
            alerting,
          ),
          await server.post('/oauth/v1/introspect', { token: each }, basic(each, each)),
          await server.send('/oauth/v1/token', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: `{"client_secret":"${each}"`,
          }),
          await server.send('/oauth/v1/token', {
            method: 'POST',
            headers: { 'content-type': each },
            body: each,
          }),
        ]) {
          answers.push(JSON.stringify(answered.headers), answered.text);
        }
        answers.push(await server.raw(`GET /${each} ${each}\r\n${each}\r\n\r\n`));
      }
    }
    answers.push((await server.send('/metrics')).text);
    expect(await server.end()).toBe(0);
    const places = {
      answers: answers.join('\n'),
      log: server.log(),
      stdout: server.stdout(),
      files: contentsOf(session.workspace.root),
    };
    for (const secret of [key, client.secret, token]) {
      for (const [place, text] of Object.entries(places)) {
        expect(text.includes(secretPart(secret)), `${place} has a secret`).toBe(false);
      }
    }
    expect(places.log).toContain(key.slice(0, 'cctl_key_'.length + 12));
    expect(places.log.match(/\n\s+at /g)).toBeNull();
  },
);
