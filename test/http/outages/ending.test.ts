import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { issueClient } from '../../support/servers/clients.js';
import { bearer, type Server, startServer } from '../../support/servers/server.js';

/** A connection on which a request has begun that is not complete. */
interface Unfinished {
  /** Sends the rest of the request. */
  finish(rest: string): void;
  /** Everything that was answered to the request, once the connection is closed. */
  readonly answer: Promise<string>;
}

/** Begins a request, and waits until the server has it: it comes with one before it, which is answered. */
async function begin({ port }: Server, begun: string): Promise<Unfinished> {
  const probe = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const alive = '{"status":"ok"}';
  let said = '';
  const socket = connect(port, '127.0.0.1', () => socket.write(probe + begun));
  socket.setEncoding('latin1').on('data', (text: string) => {
    said += text;
  });
  const closed = new Promise((resolve) => socket.on('close', resolve));
  await until(() => said.includes(alive));
  return {
    finish: (rest) => void socket.write(rest),
    answer: closed.then(() => said.slice(said.indexOf(alive) + alive.length)),
  };
}

describe('ending', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'on %s finishes what is in flight, and exits with 0',
    async (signal) => {
      const session = await openSession();
      const client = await issueClient(session, 'crm');
      const server = await startServer(session);
      const body = `grant_type=client_credentials&client_id=${client.clientId}&client_secret=${client.secret}`;
      const head = `POST /oauth/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`;
      const request = await begin(server, head + body.slice(0, 40));
      const ended = server.end(signal);
      await until(async () => server.log().includes('draining'));
      // What was accepted just before is reset.
      await until(async () => String(await server.send('/healthz').catch(String)).includes('ECONNREFUSED'));
      expect(server.child.exitCode).toBeNull();
      request.finish(body.slice(40));
      const answer = await request.answer;
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(answer).toContain('"access_token"');
      expect(await ended).toBe(0);
      expect(server.log()).toContain('"finished":true');
    },
  );

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'with a shutdown delay, on %s is not ready for so long while everything else goes on, and exits with 0',
    async (signal) => {
      const session = await openSession();
      const key = await session.issue('ci-bot');
      const server = await startServer(session, '--shutdown-delay', '5s');
      expect((await server.send('/readyz')).status).toBe(200);
      const begin = performance.now();
      const ended = server.end(signal);
      await until(async () => (await server.send('/readyz')).status === 503);
      const { status, headers } = await server.send('/verify', {
        headers: { ...bearer(key), connection: 'keep-alive' },
      });
      expect([status, headers.connection]).toEqual([200, 'keep-alive']);
      expect((await server.send('/healthz')).status).toBe(200);
      expect(server.log()).not.toContain('draining');
      expect(await ended).toBe(0);
      expect(performance.now() - begin).toBeGreaterThanOrEqual(5_000);
      expect(server.log()).toContain('"finished":true');
    },
  );

  it('with a shutdown delay, ends at once when it is told twice', async () => {
    const server = await startServer(await openSession(), '--shutdown-delay', '1h', '--drain-timeout', '1h');
    const ended = server.end();
    await until(async () => (await server.send('/readyz')).status === 503);
    server.child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('cuts off what takes longer than the drain time-out, and ends at once when it is told twice', async () => {
    const session = await openSession();
    const hanging =
      'POST /oauth/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{';
    const patient = await startServer(session, '--drain-timeout', '1s');
    const first = await begin(patient, hanging);
    expect(await patient.end()).toBe(0);
    await first.answer;
    expect(patient.log()).toContain('"finished":false');
    const impatient = await startServer(session, '--drain-timeout', '1h');
    const second = await begin(impatient, hanging);
    const ended = impatient.end();
    await until(async () => impatient.log().includes('draining'));
    impatient.child.kill('SIGTERM');
    expect(await ended).toBe(0);
    await second.answer;
  });

  it('does not wait for connections on which nothing has come, or half a header', async () => {
    const server = await startServer(await openSession(), '--drain-timeout', '1h');
    const halves = ['', 'GET /healthz HTTP/1.1\r\nHost: loc'].map((sent) => server.raw(sent));
    const begun = await begin(server, 'GET /healthz HTTP/1.1\r\nX-Slow: ');
    const ended = server.end();
    await until(async () => server.log().includes('draining'));
    // Draining: a request whose headers are not complete yet is still answered.
    begun.finish('y\r\nHost: localhost\r\n\r\n');
    expect(await begun.answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(await ended).toBe(0);
    expect(await Promise.all(halves)).toEqual(['', '']);
    expect(server.log()).toContain('"finished":true');
  });

  it('closes connections that wait for another request', async () => {
    const server = await startServer(await openSession());
    const kept = server.raw('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(async () => (await server.send('/metrics')).text.includes('"/healthz"'));
    expect(await server.end()).toBe(0);
    expect(await kept).toMatch(/^HTTP\/1\.1 200 /);
  });
});
