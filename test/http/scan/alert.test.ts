import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Session } from '../../support/program/run.js';
import { forged, issueClient, unknownSecret } from '../../support/servers/clients.js';
import {
  type AlertKey,
  alert,
  alertKey,
  keyListOf,
  matchOf,
  signed,
} from '../../support/servers/github-alerts.js';
import { accessToken, figure, handleOf, leaksOf } from '../../support/servers/scanning.js';
import { servedEngines } from '../../support/servers/served-engines.js';
import { basic, bearer, type Server, startServer } from '../../support/servers/server.js';

const PATH = '/scan/v1/alert';
const URL_OF_LEAK = 'https://github.com/octocat/hello/blob/1a2b/app.env';

/** A server that takes alerts with this key. */
async function alerted(gateway: Session, key: AlertKey, ...flags: readonly string[]): Promise<Server> {
  writeFileSync(join(gateway.workspace.directory, 'keys.json'), keyListOf(alertKey(), key));
  return startServer(gateway, '--github-keys', 'keys.json', ...flags);
}

async function statusOf(session: Session, name: string): Promise<string> {
  const { credential } = JSON.parse(await session.ok('show', name, '--json')) as {
    credential: { status: string };
  };
  return credential.status;
}

async function stops(session: Session, name: string): Promise<readonly Record<string, unknown>[]> {
  const { events } = JSON.parse(await session.ok('audit', '--target', name, '--json')) as {
    events: readonly Record<string, unknown>[];
  };
  return events.filter(({ action }) => action === 'credential.deactivate');
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

describe.each(servedEngines('responder'))('on $label, an alert of GitHub', ({ open }) => {
  it('makes a leak of what is live, and is answered with the feedback that GitHub takes', async () => {
    const { session, gateway } = await open();
    const key = alertKey();
    const live = await session.issue('ci-bot');
    const stopped = await session.issue('stopped');
    await session.ok('deactivate', 'stopped');
    const server = await alerted(gateway, key);
    const tokens = [live, stopped, forged(live), unknownSecret('key'), 'rubbish'];
    const sent = tokens.map((token) => matchOf(token));
    for (const _ of [1, 2]) {
      const { status, text } = await alert(server, sent, key);
      expect([status, JSON.parse(text)]).toEqual([
        200,
        tokens.map((token, n) => ({
          token_hash: digest(token),
          token_type: 'credctl',
          label: n < 2 ? 'true_positive' : 'false_positive',
        })),
      ]);
    }
    const leaks = await leaksOf(session);
    expect(leaks).toEqual([
      expect.objectContaining({ handle: handleOf(live), source: 'github', live: true }),
    ]);
    expect(JSON.stringify(leaks)).toContain(URL_OF_LEAK);
    expect(await statusOf(session, 'ci-bot')).toBe('active');
    expect(server.log()).toContain('"msg":"a secret has leaked"');
    expect(await figure(server, 'credctl_leaks_total{state="live"}')).toBe(2);
    for (const token of tokens.slice(0, 4)) expect(server.log()).not.toContain(token.slice(-43));
  });

  it('stops what is live and nothing else with --on-leak deactivate, once, with the place as the reason', async () => {
    const { session, gateway } = await open();
    const key = alertKey();
    const bot = await session.issue('ci-bot');
    const safe = await session.issue('safe');
    const rotated = await session.issue('rotated');
    await session.ok('rotate', 'rotated', '--now', '-q');
    const client = await issueClient(session, 'crm');
    const leaked = await issueClient(session, 'leaked');
    const server = await alerted(gateway, key, '--on-leak', 'deactivate');
    const token = await accessToken(server, basic(client.clientId, client.secret));
    const other = await accessToken(server, basic(client.clientId, client.secret));
    const sent = [
      matchOf(bot, `${URL_OF_LEAK}?token=${bot}`),
      ...[forged(safe), rotated, token, leaked.secret].map((each) => matchOf(each)),
      { token: bot, type: 'credctl' },
    ];
    for (const _ of [1, 2]) expect((await alert(server, sent, key)).status).toBe(200);
    const names = ['ci-bot', 'safe', 'rotated', 'crm', 'leaked'];
    expect(await Promise.all(names.map((name) => statusOf(session, name)))).toEqual([
      ...['inactive', 'active', 'active', 'active', 'inactive'],
    ]);
    expect(await stops(session, 'ci-bot')).toMatchObject([
      { reason: expect.stringContaining(`leaked, reported by GitHub: content, ${URL_OF_LEAK}`) },
    ]);
    expect(JSON.stringify(await stops(session, 'ci-bot'))).not.toContain(bot);
    const statuses = [];
    for (const secret of [bot, token, other, safe]) {
      statuses.push((await server.send('/verify', { headers: bearer(secret) })).status);
    }
    expect(statuses).toEqual([401, 401, 200, 200]);
    await session.ok('audit', 'verify');
    await session.ok('store', 'check');
  });

  it('that is not signed by a key of the list gets one answer, whatever is wrong, and changes nothing', async () => {
    const { session, gateway } = await open();
    const key = alertKey();
    const bot = await session.issue('ci-bot');
    const server = await alerted(gateway, key, '--on-leak', 'deactivate');
    const body = JSON.stringify([matchOf(bot)]);
    const good = signed(body, key);
    const { 'github-public-key-signature': signature = '' } = good;
    const without = (name: string) =>
      Object.fromEntries(Object.entries(good).filter(([each]) => each !== name));
    const wrong: readonly (readonly [string, Record<string, string>])[] = [
      [body, { 'content-type': 'application/json' }],
      [body, without('github-public-key-identifier')],
      [body, without('github-public-key-signature')],
      [body, signed(body, alertKey())],
      [body, { ...signed(body, alertKey()), 'github-public-key-identifier': key.id }],
      [body, { ...good, 'github-public-key-identifier': '__proto__' }],
      [body, { ...good, 'github-public-key-signature': `${signature.slice(0, -4)}AAA=` }],
      [body, { ...good, 'github-public-key-signature': '' }],
      [body, { ...good, 'github-public-key-signature': 'A'.repeat(5_000) }],
      [` ${body}`, good],
      [body.replace('app.env', 'app.ini'), good],
      ['', good],
      ['not json', { ...good }],
      ['token=x', { ...good, 'content-type': 'application/x-www-form-urlencoded' }],
    ];
    for (const [text, headers] of wrong) {
      const answered = await server.send(PATH, { method: 'POST', headers, body: text });
      if (text === '') expect([400, 401]).toContain(answered.status);
      else expect([answered.status, answered.text]).toEqual([401, '{"error":"invalid_signature"}']);
    }
    expect(await statusOf(session, 'ci-bot')).toBe('active');
    expect(await leaksOf(session)).toEqual([]);
    expect((await server.send(PATH, { method: 'POST', headers: good, body })).status).toBe(200);
    expect(await statusOf(session, 'ci-bot')).toBe('inactive');
  });

  it('that is signed and malformed is refused in the same words; texts of any kind are taken', async () => {
    const { session, gateway } = await open();
    const key = alertKey();
    const bot = await session.issue('ci-bot');
    const server = await alerted(gateway, key, '--on-leak', 'deactivate');
    const send = (body: string) => server.send(PATH, { method: 'POST', headers: signed(body, key), body });
    for (const body of [
      '{',
      '{}',
      '[1]',
      '[null]',
      '[{}]',
      '[{"token":1,"type":"x"}]',
      '[{"token":"x"}]',
      '"x"',
    ]) {
      const answered = await send(body);
      expect([body, answered.status, answered.text]).toEqual([body, 400, '{"error":"invalid_request"}']);
    }
    const many = (count: number) => JSON.stringify(Array.from({ length: count }, (_, n) => matchOf(`x${n}`)));
    expect((await send(many(1_000))).status).toBe(200);
    expect((await send(many(1_001))).status).toBe(413);
    expect((await send(JSON.stringify([matchOf('x'.repeat(600_000))]))).status).toBe(413);
    const strange = '\u0000\u001b[31m\n\u202e\ufffd"\\ud800';
    const body = JSON.stringify([{ token: bot, type: strange, url: strange.repeat(200), source: strange }]);
    expect((await send(body.replaceAll('\\\\ud800', '\\ud800'))).status).toBe(200);
    expect(await statusOf(session, 'ci-bot')).toBe('inactive');
    expect(await stops(session, 'ci-bot')).toMatchObject([
      { reason: expect.stringContaining('reported by GitHub') },
    ]);
    await session.ok('audit', 'verify');
    await session.ok('leaks');
  });
});
