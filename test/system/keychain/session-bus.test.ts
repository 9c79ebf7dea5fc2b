import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { withSessionBus } from '../../../src/system/keychain/session-bus.js';

const USER = String(process.geteuid?.());

/** A directory of runtime directories, with one of this user as systemd makes it. */
async function runtimeDirectories(): Promise<{ readonly path: string; readonly own: string }> {
  const path = mkdtempSync(join(tmpdir(), 'credctl-bus-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const own = join(path, USER);
  mkdirSync(own, { mode: 0o700 });
  return { path, own };
}

async function listen(socket: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => void server.close());
}

describe.runIf(process.platform === 'linux')('the session bus of a user without a session', () => {
  it('is found in the runtime directory', async () => {
    const { path, own } = await runtimeDirectories();
    await listen(join(own, 'bus'));
    expect(withSessionBus({ A: '1' }, path)).toEqual({
      A: '1',
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${own}/bus`,
    });
  });

  it.each(['DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR'])(
    'is not looked for where %s is set, but where it is empty',
    async (name) => {
      const { path, own } = await runtimeDirectories();
      await listen(join(own, 'bus'));
      expect(withSessionBus({ [name]: 'elsewhere' }, path)).toEqual({ [name]: 'elsewhere' });
      expect(withSessionBus({ [name]: '' }, path)).toMatchObject({
        DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(own, 'bus')}`,
      });
    },
  );

  it('is not believed in a directory that others can open, or that is a link', async () => {
    const { path, own } = await runtimeDirectories();
    await listen(join(own, 'bus'));
    for (const mode of [0o755, 0o770, 0o701, 0o500]) {
      chmodSync(own, mode);
      expect(withSessionBus({}, path)).toEqual({});
    }
    chmodSync(own, 0o700);
    const linked = await runtimeDirectories();
    rmSync(linked.own, { recursive: true });
    symlinkSync(own, linked.own);
    expect(withSessionBus({}, linked.path)).toEqual({});
  });

  it('is a socket, and nothing else of that name', async () => {
    const { path, own } = await runtimeDirectories();
    expect(withSessionBus({}, path)).toEqual({});
    writeFileSync(join(own, 'bus'), '');
    expect(withSessionBus({}, path)).toEqual({});
  });

  it.runIf(USER === '0')('is of this user, and its directory too', async () => {
    const { chownSync } = await import('node:fs');
    const { path, own } = await runtimeDirectories();
    const socket = join(own, 'bus');
    await listen(socket);
    for (const foreign of [own, socket]) {
      chownSync(foreign, 65_534, 65_534);
      expect(withSessionBus({}, path)).toEqual({});
      chownSync(foreign, 0, 0);
    }
    expect(withSessionBus({}, path)).not.toEqual({});
  });
});
