import { describe, expect, it, onTestFinished } from 'vitest';
import { type Cut, type CuttingProxy, cuttingProxy } from '../../support/postgres/cutting-proxy.js';
import { openPostgresSession, type PostgresSession, storeConfig } from '../../support/postgres/session.js';

/** A session with the credential `resident`, which reaches its database through a proxy. */
async function behindProxy(): Promise<{ session: PostgresSession; proxy: CuttingProxy; resident: string }> {
  const session = await openPostgresSession();
  const resident = await session.issue('resident');
  const url = new URL(session.database.url);
  const proxy = await cuttingProxy(url.hostname, Number(url.port));
  onTestFinished(() => proxy.close());
  url.port = String(proxy.port);
  await session.workspace.configure(storeConfig(url.href));
  return { session, proxy, resident };
}

const CREATE = ['create', 'newcomer', '--type', 'api-key', '--scope', 'data:users', '-q'];

/** What the tests count in the database itself. */
async function counted(session: PostgresSession, what: string): Promise<number> {
  const [row] = await session.database.ask<{ n: number }>(`select count(*) as n from ${what}`);
  return row?.n ?? -1;
}

async function verdict(session: PostgresSession, secret: string): Promise<string> {
  const { stdout } = await session.run(['verify'], { stdin: secret });
  return stdout.trim();
}

async function isInOrder(session: PostgresSession): Promise<void> {
  await session.ok('audit', 'verify');
  await session.ok('store', 'check');
}

describe('a connection that breaks at a COMMIT', () => {
  it('whose answer is lost counts as what the database says: the command succeeds, once', async () => {
    const { session, proxy } = await behindProxy();
    for (const skip of [0, 1]) {
      proxy.arm('after', { skip });
      const name = `newcomer-${skip}`;
      const secret = await session.issue(name);
      expect(proxy.cuts).toBe(skip + 1);
      expect(await verdict(session, secret)).toMatch(/^valid/);
      expect(await counted(session, `credential where name = '${name}'`)).toBe(1);
      expect(await counted(session, `audit_event where target_name = '${name}'`)).toBe(2);
    }
    await isInOrder(session);
  });

  it.each<Cut>(['before', 'held'])(
    'which never arrived changes nothing, and the command says so (%s)',
    async (cut) => {
      const { session, proxy, resident } = await behindProxy();
      proxy.arm(cut);
      const { message, stdout } = await session.refused(8, CREATE);
      expect(message).toContain('nothing was changed');
      expect(stdout).toBe('');
      expect(proxy.cuts).toBe(1);
      expect(await counted(session, 'credential')).toBe(1);
      const secret = await session.issue('newcomer');
      expect(await verdict(session, secret)).toMatch(/^valid/);
      expect(await verdict(session, resident)).toMatch(/^valid/);
      await isInOrder(session);
    },
  );

  it.each<Cut>(['before', 'held'])(
    'which would have confirmed a delivery leaves both secrets working, and --resume completes it (%s)',
    async (cut) => {
      const { session, proxy, resident } = await behindProxy();
      proxy.arm(cut, { skip: 1 });
      const { stdout, stderr, exitCode } = await session.run(['rotate', 'resident', '-q'], {
        ownProcess: true,
      });
      expect(exitCode, stderr).toBe(7);
      expect(await verdict(session, stdout.trim())).toMatch(/^valid/);
      expect(await verdict(session, resident)).toMatch(/^valid/);
      await session.ok('rotate', 'resident', '--resume');
      expect(await counted(session, 'version')).toBe(2);
      expect(await counted(session, 'version where delivered_at is null')).toBe(0);
      await isInOrder(session);
    },
  );

  it('after which the server is gone says that it is not known what happened', async () => {
    const { session, proxy } = await behindProxy();
    proxy.arm('after', { forGood: true });
    const { message, hint, stdout } = await session.refused(8, CREATE);
    expect(message).toContain('not known');
    expect(hint).toContain('credctl audit');
    expect(stdout).toBe('');
  });

  it('while the store is being made ends in one store', async () => {
    const session = await openPostgresSession();
    const url = new URL(session.database.url);
    const proxy = await cuttingProxy(url.hostname, Number(url.port));
    onTestFinished(() => proxy.close());
    url.port = String(proxy.port);
    await session.workspace.configure(storeConfig(url.href));
    proxy.arm('after');
    const { exitCode, stderr } = await session.run(CREATE.filter((word) => word !== '-q'));
    expect(exitCode, stderr).toBe(0);
    expect(proxy.cuts).toBe(1);
    expect(stderr.match(/created the store/g)).toHaveLength(1);
    await isInOrder(session);
  });
});
