import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { unknownSecret } from '../../support/servers/clients.js';
import { bearer, type Server, startServer } from '../../support/servers/server.js';

const TEST_AUTH = '/rest/v1/auth/test';
const SLOW = 100;
const HEAD = 'Host: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n';

/** A connection that goes on sending a byte now and then until the other side has had enough; what that said. */
function dribbling(server: Server, start: string, more: string): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket: Socket = connect(server.port, '127.0.0.1', () => socket.write(start));
    const timer = setInterval(() => socket.write(more), 500);
    socket.setEncoding('latin1').on('data', (text: string) => {
      said += text;
    });
    // Bytes that were on their way when it closed the connection come back as an error.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve(said);
    });
  });
}

describe('clients that never finish', () => {
  it('do not keep others from being answered, and are closed by the time-outs', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const server = await startServer(session, '--rate-limit', '0');
    const slow = Array.from({ length: SLOW }, () => [
      dribbling(server, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', 'x'),
      dribbling(server, `POST /oauth/v1/token HTTP/1.1\r\n${HEAD}Content-Length: 9999\r\n\r\n`, 'x'),
    ]).flat();
    for (let n = 0; n < 20; n += 1) {
      expect((await server.send('/healthz')).status).toBe(200);
      expect((await server.send(TEST_AUTH, { headers: bearer(key) })).status).toBe(200);
    }
    const answers = await Promise.all(slow);
    expect(answers.filter((said) => said !== '' && !said.startsWith('HTTP/1.1 408 '))).toEqual([]);
    expect(answers.filter((said) => said.startsWith('HTTP/1.1 408 ')).length).toBeGreaterThan(0);
    expect((await server.send(TEST_AUTH, { headers: bearer(key) })).status).toBe(200);
  });
});

describe('64 wrong secrets at once', () => {
  it('are hashed elsewhere: /healthz answers while all of them are under way', async () => {
    // At this cost one comparison takes longer than the whole test has to wait for an answer.
    const session = await openSession({ config: 'hash = "bcrypt"\nbcrypt_cost = 15\n' });
    await session.ok('store', 'init');
    const server = await startServer(session, '--rate-limit', '0', '--trust-proxy', '127.0.0.0/8');
    let answered = 0;
    const wrong = Array.from({ length: 64 }, (_, n) =>
      server
        .send(TEST_AUTH, {
          headers: { ...bearer(unknownSecret('key', n)), 'x-forwarded-for': `198.51.100.${n}` },
        })
        .then(() => {
          answered += 1;
        })
        .catch(() => {}),
    );
    const hashing = async (): Promise<number> => {
      const { text } = await server.send('/metrics');
      const [busy, waiting] = ['secrets_hashing', 'hash_queue_depth'].map((name) =>
        Number(new RegExp(`^credctl_${name} (\\d+)$`, 'm').exec(text)?.[1]),
      );
      return (busy ?? Number.NaN) + (waiting ?? Number.NaN);
    };
    while ((await hashing()) + answered < 64) expect((await server.send('/healthz')).status).toBe(200);
    const before = await hashing();
    expect((await server.send('/healthz')).text).toBe('{"status":"ok"}');
    // A hash on the thread that answers would have been finished before the probe was.
    expect(before).toBeGreaterThan(32);
    server.child.kill('SIGKILL');
    await Promise.all(wrong);
  });
});
