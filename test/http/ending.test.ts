import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import '../support/patience.js';
import { issueClient } from '../support/clients.js';
import { openSession } from '../support/run.js';
import { startServer } from '../support/server.js';
import { until } from '../support/until.js';

describe('ending', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'on %s finishes what is in flight, and exits with 0',
    async (signal) => {
      const session = await openSession();
      const client = await issueClient(session, 'crm');
      const server = await startServer(session);
      const body = `grant_type=client_credentials&client_id=${client.clientId}&client_secret=${client.secret}`;
      const head = `POST /oauth/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`;
      let answer = '';
      const socket = connect(server.port, '127.0.0.1', () => socket.write(head + body.slice(0, 40)));
      socket.setEncoding('latin1').on('data', (text: string) => {
        answer += text;
      });
      const closed = new Promise((resolve) => socket.on('close', resolve));
      await new Promise((resolve) => setTimeout(resolve, 200));
      const ended = server.end(signal);
      await until(async () => server.log().includes('draining'));
      await expect(server.send('/healthz')).rejects.toThrow('ECONNREFUSED');
      expect(server.child.exitCode).toBeNull();
      socket.write(body.slice(40));
      await closed;
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(answer).toContain('"access_token"');
      expect(await ended).toBe(0);
      expect(server.log()).toContain('"finished":true');
    },
  );

  it('cuts off what takes longer than the drain time-out, and ends at once when it is told twice', async () => {
    const session = await openSession();
    const hanging =
      'POST /oauth/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{';
    const patient = await startServer(session, '--drain-timeout', '1s');
    const first = patient.raw(hanging);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await patient.end()).toBe(0);
    await first;
    expect(patient.log()).toContain('"finished":false');
    const impatient = await startServer(session, '--drain-timeout', '1h');
    const second = impatient.raw(hanging);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const ended = impatient.end();
    await until(async () => impatient.log().includes('draining'));
    impatient.child.kill('SIGTERM');
    expect(await ended).toBe(0);
    await second;
  });

  it('closes connections that wait for another request', async () => {
    const server = await startServer(await openSession());
    const kept = server.raw('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(async () => (await server.send('/metrics')).text.includes('"/healthz"'));
    expect(await server.end()).toBe(0);
    expect(await kept).toMatch(/^HTTP\/1\.1 200 /);
  });
});
