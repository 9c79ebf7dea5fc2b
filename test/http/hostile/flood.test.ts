import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { times } from '../../support/faults/concurrently.js';
import { openSession } from '../../support/program/run.js';
import { startServer } from '../../support/servers/server.js';

/** V8 keeps garbage while it has room, and how much room depends on the release of Node.js and on the machine. */
const TIDY = '--max-semi-space-size=4 --max-old-space-size=128';

describe('a flood of requests on one connection', () => {
  it('cuts it off when five hundred wait for an answer there, and costs no memory', async () => {
    const { workspace, ...session } = await openSession();
    const env = { ...workspace.env, NODE_OPTIONS: TIDY };
    const server = await startServer({ ...session, workspace: { ...workspace, env } }, '--rate-limit', '0');
    const memory = () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))?.[1]);
    const before = memory();
    const requests = `GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(20_000);
    await Promise.all(times(20).map(() => server.raw(requests).catch(() => null)));
    expect(memory() - before).toBeLessThan(150_000);
    expect((await server.send('/healthz')).status).toBe(200);
    expect(server.log()).toContain('too many unanswered requests');
    const few = await server.raw(
      `${'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(499)}GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    expect(few.match(/HTTP\/1\.1 200 /g)).toHaveLength(500);
  });
});
