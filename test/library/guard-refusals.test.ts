import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SecretVerifier } from '../../src/index.js';
import type { GuardOptions, GuardRefusal } from '../../src/library/express.js';
import { forExpress, forFastify, forFetch, library } from '../support/build/library.js';
import { openSession, type Session } from '../support/program/run.js';
import { forged, unknownSecret } from '../support/servers/clients.js';
import { listenWithFetch } from '../support/servers/fetch-handler.js';

/** A server with a guard for `events:messages`. */
type Listen = (verifier: SecretVerifier, options: GuardOptions) => Promise<string>;

async function listenWithFastify(verifier: SecretVerifier, options: GuardOptions): Promise<string> {
  const app = fastify();
  app.get('/', { onRequest: forFastify.requireCredential(verifier, options) }, async () => 'good');
  onTestFinished(() => app.close());
  return app.listen({ port: 0, host: '127.0.0.1' });
}

async function listenWithExpress(verifier: SecretVerifier, options: GuardOptions): Promise<string> {
  const guard = forExpress.requireCredential(verifier, options);
  const server = createServer((request, response) => guard(request, response, () => response.end('good')));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function listenWithHandler(verifier: SecretVerifier, options: GuardOptions): Promise<string> {
  const guard = forFetch.requireCredential(verifier, options);
  return listenWithFetch(
    async (request, address) => (await guard(request, address)).response ?? new Response('good'),
  );
}

function openVerifier(session: Session): SecretVerifier {
  const path = join(String(session.workspace.env['XDG_DATA_HOME']), 'credctl', 'credctl.db');
  const verifier = library.createVerifier(path);
  onTestFinished(() => verifier.close());
  return verifier;
}

const answerOf = async (url: string, headers: Record<string, string>) => {
  const response = await fetch(url, { headers });
  return { status: response.status, text: await response.text() };
};

describe.each<readonly [string, Listen]>([
  ['Fastify', listenWithFastify],
  ['Express', listenWithExpress],
  ['handlers of the Fetch standard', listenWithHandler],
])('the guard for %s', (_, listen) => {
  it('tells why it refuses a request, and never the secret', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const off = await session.issue('off');
    const good = await session.ok('create', 'good', '--type', 'api-key', '--scope', 'events:messages');
    await session.ok('deactivate', 'off');
    const told: GuardRefusal[] = [];
    const options = { scopes: ['events:messages'], onRefused: (refusal: GuardRefusal) => told.push(refusal) };
    const url = await listen(openVerifier(session), options);
    const cases: readonly (readonly [
      string,
      Record<string, string>,
      string | null,
      string | null,
      number,
    ])[] = [
      ['no_credentials', {}, null, null, 401],
      ['unsupported_scheme', { authorization: 'Basic eDp5' }, null, null, 401],
      ['the Authorization header is malformed', { authorization: 'Bearer a b' }, null, null, 400],
      ['malformed', { 'x-api-key': 'rubbish' }, null, null, 401],
      ['unknown', { 'x-api-key': unknownSecret('key') }, null, unknownSecret('key'), 401],
      ['wrong_secret', { 'x-api-key': forged(key) }, null, key, 401],
      ['inactive', { authorization: `Bearer ${off}` }, 'off', off, 401],
      ['insufficient_scope', { 'x-api-key': key }, 'ci-bot', key, 403],
    ];
    for (const [reason, headers, name, secret, status] of cases) {
      expect(await answerOf(url, headers)).toMatchObject({ status });
      const handle = secret?.slice(0, 'cctl_key_'.length + 12) ?? null;
      expect(told.splice(0)).toEqual([{ reason, name, handle, address: '127.0.0.1', status, fault: null }]);
    }
    expect(await answerOf(url, { 'x-api-key': good.trim() })).toEqual({ status: 200, text: 'good' });
    expect(told).toEqual([]);
  });

  it('tells of a store that does not answer, with the fault', async () => {
    const fault = new library.CredctlError('store_unavailable', 'the store is away');
    const verifier: SecretVerifier = { verify: () => Promise.reject(fault), close: async () => {} };
    const told: GuardRefusal[] = [];
    const url = await listen(verifier, { onRefused: (refusal) => told.push(refusal) });
    expect(await answerOf(url, { 'x-api-key': 'any' })).toMatchObject({ status: 503 });
    const nothing = { name: null, handle: null };
    expect(told).toEqual([{ reason: 'unavailable', ...nothing, address: '127.0.0.1', status: 503, fault }]);
  });

  it.each<readonly [string, () => void]>([
    [
      'throws',
      () => {
        throw new Error('the log is full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the log is full'))],
  ])('answers the same where the listener %s', async (_how, onRefused) => {
    const verifier: SecretVerifier = {
      verify: async () => ({ valid: false, reason: 'unknown' }),
      close: async () => {},
    };
    const [plain, listening] = [await listen(verifier, {}), await listen(verifier, { onRefused })];
    for (const headers of [{}, { 'x-api-key': 'any' }]) {
      expect(await answerOf(listening, headers)).toEqual(await answerOf(plain, headers));
    }
  });

  it('takes nothing but a function for a listener', () => {
    const wrong: GuardOptions = JSON.parse('{"onRefused":"log"}');
    const verifier: SecretVerifier = {
      verify: async () => ({ valid: false, reason: 'unknown' }),
      close: async () => {},
    };
    for (const { requireCredential } of [forExpress, forFastify, forFetch]) {
      expect(() => requireCredential(verifier, wrong)).toThrow(/onRefused/);
    }
  });
});
