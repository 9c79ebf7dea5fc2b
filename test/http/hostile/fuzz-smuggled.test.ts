import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { sharedServer } from '../../support/servers/shared-server.js';

const shared = sharedServer('--rate-limit', '0');

const HEAD =
  'POST /oauth/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n';

/** A request that must never be seen as one: it is in the body of another. */
const HIDDEN = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Answers on one connection, in their order: statuses, and all of the text. */
async function answers(
  text: string,
): Promise<{ readonly statuses: readonly string[]; readonly text: string }> {
  const all = await shared().server.raw(text);
  return { statuses: [...all.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status = '']) => status), text: all };
}

it.each([
  ['a length and chunks', `Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  [
    'chunks and a length',
    `Transfer-Encoding: chunked\r\nContent-Length: ${HIDDEN.length}\r\n\r\n0\r\n\r\n${HIDDEN}`,
  ],
  ['two different lengths', `Content-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`],
  ['the same length twice', `Content-Length: 0\r\nContent-Length: 0\r\n\r\n${HIDDEN}`],
  ['a list of lengths', `Content-Length: 0, 0\r\n\r\n${HIDDEN}`],
  ['a length with a sign', `Content-Length: +0\r\n\r\n${HIDDEN}`],
  ['a negative length', `Content-Length: -1\r\n\r\n${HIDDEN}`],
  ['a hexadecimal length', `Content-Length: 0x0\r\n\r\n${HIDDEN}`],
  ['a length beyond all numbers', `Content-Length: 99999999999999999999999\r\n\r\n${HIDDEN}`],
  ['a length that is empty', `Content-Length: \r\n\r\n${HIDDEN}`],
  ['an unknown transfer coding', `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['chunked that is not last', `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['chunked after a vertical tab', `Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['a folded header', `Transfer-Encoding:\r\n chunked\r\nContent-Length: 0\r\n\r\n${HIDDEN}`],
  ['a folded header of one\u0027s own', `X-A: 1\r\n X-B: 2\r\nContent-Length: 0\r\n\r\n${HIDDEN}`],
  ['a space before the colon', `Content-Length : 0\r\n\r\n${HIDDEN}`],
  ['a bare line feed between headers', `X-A: 1\nContent-Length: 0\r\n\r\n${HIDDEN}`],
  ['a bare line feed at the end', `Content-Length: 0\r\n\n${HIDDEN}`],
  ['a bare carriage return', `X-A: 1\rContent-Length: 0\r\n\r\n${HIDDEN}`],
  ['a null byte in a header', `X-A: \0\r\nContent-Length: 0\r\n\r\n${HIDDEN}`],
  ['a chunk size with a sign', `Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n${HIDDEN}`],
  ['a chunk size in 0x', `Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n${HIDDEN}`],
  ['a chunk that is longer than it says', `Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n${HIDDEN}`],
  ['a chunk size beyond all numbers', `Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n${HIDDEN}`],
  ['a bare line feed after a chunk size', `Transfer-Encoding: chunked\r\n\r\n0\n\r\n${HIDDEN}`],
])('a request with %s is refused, and what is behind it is not answered', async (_, rest) => {
  const { statuses, text } = await answers(`${HEAD}${rest}`);
  expect(statuses.filter((status) => status !== '400' && status !== '413')).toEqual([]);
  expect(statuses.length).toBeGreaterThan(0);
  expect(text).not.toContain('credctl_http_requests_total');
});

it('a length that covers another request keeps it a body', async () => {
  const { statuses, text } = await answers(
    `${HEAD}Connection: close\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  );
  expect(statuses).toEqual(['400']);
  expect(text).not.toContain('credctl_http_requests_total');
});

it('a body that nobody reads is not taken for the next request', async () => {
  for (const path of ['/verify', '/healthz', '/nothing']) {
    const { text } = await answers(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    expect(text, path).not.toContain('credctl_http_requests_total');
  }
});

it('pipelined requests are answered each for itself, in their order', async () => {
  const { client } = shared();
  const bodies = times(20).map((n) =>
    n % 2 === 0
      ? `grant_type=client_credentials&client_id=${client.clientId}&client_secret=${client.secret}&scope=data:users`
      : `grant_type=nothing-${n}`,
  );
  const requests = bodies.map(
    (body, n) =>
      `${HEAD}${n === 19 ? 'Connection: close\r\n' : ''}Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  const { statuses, text } = await answers(requests.join(''));
  expect(statuses).toEqual(bodies.map((_, n) => (n % 2 === 0 ? '200' : '400')));
  expect(new Set(text.match(/cctl_tok_[0-9A-Za-z]+/g)).size).toBe(10);
});

it.each([
  ['what is no HTTP', 'no HTTP at all\r\n\r\n', '400'],
  ['a body that is none', `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, '400'],
  ['headers that are too long', `GET /healthz HTTP/1.1\r\nX: ${'y'.repeat(17_000)}\r\n\r\n`, '431'],
])('good requests before %s are answered before it is refused', async (_, broken, status) => {
  const { client } = shared();
  const body = `grant_type=client_credentials&client_id=${client.clientId}&client_secret=${client.secret}`;
  const request = `${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`;
  const { statuses, text } = await answers(request.repeat(3) + broken.repeat(2));
  expect(statuses).toEqual(['200', '200', '200', status]);
  expect(new Set(text.match(/cctl_tok_[0-9A-Za-z]+/g)).size).toBe(3);
});

it('a request that arrives byte by byte is one request', async () => {
  const text = `GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
  const answer = await new Promise<string>((resolve, reject) => {
    let all = '';
    const socket = connect(shared().server.port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      all += chunk;
    });
    socket.on('close', () => resolve(all)).on('error', reject);
    for (const byte of text) socket.write(byte);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});

it('two thousand good requests with a few bytes changed are answered or refused, and nothing breaks', async () => {
  const { server, client, authorization } = shared();
  const body = `grant_type=client_credentials&client_id=${client.clientId}&scope=data:users`;
  const whole = `${HEAD}Authorization: ${authorization['authorization']}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  let state = 1;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % limit;
  };
  const pieces = [
    '\r',
    '\n',
    '\r\n',
    '\0',
    ' ',
    ':',
    '\t',
    '\xff',
    'Host: x\r\n',
    '0\r\n\r\n',
    '%',
    ';',
    ',',
  ];
  const changed = times(2_000).map((each) => {
    let text = whole;
    // Some stay as they are, to show that it is the change that is refused.
    const changes = each % 10 === 0 ? 0 : 1 + below(3);
    for (let n = 0; n < changes; n += 1) {
      const at = below(text.length);
      const cut = below(4);
      text = `${text.slice(0, at)}${pieces[below(pieces.length)] ?? ''}${text.slice(at + cut)}`;
    }
    return text;
  });
  const seen = new Map<string, number>();
  await concurrently(changed, async (text) => {
    const answer = await new Promise<string>((resolve) => {
      let all = '';
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write(Buffer.from(text, 'latin1'));
        // Nothing is to wait for the rest of what was cut off.
        if (text !== whole) socket.end();
      });
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        all += chunk;
      });
      socket.on('close', () => resolve(all)).on('error', () => {});
    });
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 'none';
    seen.set(status, (seen.get(status) ?? 0) + 1);
    expect(answer).not.toMatch(/\n\s+at |node_modules|SQLITE|TypeError/);
  });
  const statuses = [...seen.keys()];
  expect(statuses.filter((status) => status.startsWith('5'))).toEqual([]);
  expect(seen.get('200') ?? 0).toBeGreaterThanOrEqual(200);
  expect(seen.get('400') ?? 0).toBeGreaterThan(200);
  expect((await server.send('/readyz')).status).toBe(200);
  expect(server.log()).not.toMatch(/"level":50/);
});
