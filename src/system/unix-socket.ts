import { type BigIntStats, chmodSync, lstatSync, statSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { CredctlError, usageError } from '../domain/errors.js';
import { quote } from '../domain/text/quote.js';
import { codeOf } from '../files/errno.js';

/** Size of `sun_path` without its NUL: `unix(7)` of Linux, and of the systems that come from BSD. */
const LONGEST_PATH = process.platform === 'linux' ? 107 : 103;

/**
 * Listens on a Unix socket (`unix(7)`). bind(2) creates it and fails where there is any file; a stale socket, which
 * refuses connections, is removed before. Closing the server removes the socket.
 *
 * @param path absolute
 * @param mode permission bits; until they are set, the umask of the process keeps others out
 * @throws CredctlError `conflict` when another process listens on it, `usage` when it cannot be a socket, `denied`
 *   when it may not be created
 */
export async function listenOnSocket(server: Server, path: string, mode: number): Promise<void> {
  if (Buffer.byteLength(path) > LONGEST_PATH) {
    throw usageError(
      `${quote(path)} is too long for a socket`,
      `use at most ${LONGEST_PATH} bytes, such as /run/credctl/credctl.sock`,
    );
  }
  try {
    // libuv reports ENOENT of bind(2) as EACCES.
    if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw usageError(
        `the directory of the socket ${quote(path)} does not exist`,
        'create the directory first',
      );
    }
    await removeStale(path);
    await bound(server, path);
    chmodSync(path, mode);
  } catch (fault) {
    server.close();
    throw socketFault(path, fault);
  }
}

async function removeStale(path: string): Promise<void> {
  const found = look(path);
  if (found === null) return;
  if (!found.isSocket()) {
    throw usageError(
      `${quote(path)} exists and is not a socket`,
      'name a path that does not exist yet: the server creates its socket',
    );
  }
  if (await isListenedOn(path)) throw inUse(path);
  // Another server may have replaced it by then; the inode alone could be one that is used again.
  const now = look(path);
  if (now !== null && now.ino === found.ino && now.dev === found.dev && now.ctimeNs === found.ctimeNs) {
    unlinkSync(path);
  }
}

function look(path: string): BigIntStats | null {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
}

/** Whether connect(2) is not refused. A full backlog, EAGAIN, and a datagram socket, EPROTOTYPE, are in use. */
async function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', (fault) => {
      const code = codeOf(fault);
      if (code === 'EACCES' || code === 'EPERM') reject(fault);
      else resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT');
    });
  });
}

async function bound(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function inUse(path: string, cause?: unknown): CredctlError {
  return new CredctlError('conflict', `the socket ${quote(path)} is in use`, {
    hint: 'end the server that listens on it, or name another path: --socket PATH',
    cause,
  });
}

function socketFault(path: string, fault: unknown): unknown {
  switch (codeOf(fault)) {
    case 'EADDRINUSE':
      return inUse(path, fault);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new CredctlError('denied', `you may not create the socket ${quote(path)}`, {
        hint: 'name a path in your own directory, or let systemd create one with RuntimeDirectory=',
        cause: fault,
      });
    default:
      return fault;
  }
}
