import { chmodSync, chownSync, existsSync, lstatSync, rmSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CredctlError } from '../domain/errors.js';
import type { AbandonedVersion, Delivery, Destination } from '../domain/ports.js';
import { quote } from '../domain/quote.js';
import { faultCode } from './fault-code.js';
import { createFile, lookAt, proveWritable, replaceFile, startOfFile, sweepSiblings } from './output-file.js';

/** Enough of a file to find the handle of the secret in it, whatever the format. */
const LOOK_BYTES = 65_536;

/** As much of a file as is put back when its replacement turns out to be for nothing. */
const RESTORED_BYTES = 16 * 1_048_576;

/**
 * What stands at the path: nothing; the remains of a delivery whose secret ends by itself; those of one whose secret
 * may be all that a reader of the file has; or something else, which takes `force`.
 */
type Situation = 'free' | 'left-over' | 'abandoned' | 'occupied';

export interface FileDestinationOptions {
  /** Absolute path. */
  readonly path: string;
  /** Whether an existing file may be replaced. */
  readonly force: boolean;
  readonly render: (delivery: Delivery) => string;
}

/**
 * A file as the place where a secret is handed over: created exclusively with mode 0600, or, with `force`, replaced
 * in one step; on the disk before it counts.
 */
export function fileDestination({ path, force, render }: FileDestinationOptions): Destination {
  let situation: Situation = 'free';
  let created = false;
  let previous: { readonly bytes: Buffer; readonly stats: Stats } | null = null;
  return {
    kind: 'file',

    get replaces() {
      return situation === 'occupied' || situation === 'abandoned';
    },

    async preflight({ abandoned }) {
      try {
        requireDirectory(path);
        sweepSiblings(path);
        situation = situationAt(path, abandoned);
        if (situation === 'occupied' && !force) throw exists(path);
        proveWritable(path);
      } catch (fault) {
        throw fileFault(path, fault, 'nothing was changed');
      }
    },

    async deliver(delivery) {
      const bytes = Buffer.from(render(delivery));
      try {
        if (situation !== 'free') {
          previous = { bytes: startOfFile(path, RESTORED_BYTES), stats: lstatSync(path) };
          return replaceFile(path, bytes);
        }
        createFile(path, bytes);
        created = true;
      } catch (fault) {
        throw fileFault(path, fault, 'the new secret was revoked; earlier ones were not touched');
      }
    },

    async undo() {
      if (created) rmSync(path, { force: true });
      // The file is as it was: what reads it goes on with the secret that still works.
      if (previous === null || startOfFile(path, RESTORED_BYTES).equals(previous.bytes)) return;
      replaceFile(path, previous.bytes);
      chownSync(path, previous.stats.uid, previous.stats.gid);
      chmodSync(path, previous.stats.mode & 0o7777);
    },
  };
}

function requireDirectory(path: string): void {
  const directory = dirname(path);
  if (statSync(directory).isDirectory()) return;
  throw new CredctlError('undelivered', `${quote(directory)} is not a directory`, {
    hint: 'name a file in a directory that exists',
  });
}

function situationAt(path: string, abandoned: readonly AbandonedVersion[]): Situation {
  const found = lookAt(path);
  if (found === null) return 'free';
  if (found.isSymbolicLink()) {
    throw new CredctlError('undelivered', `${quote(path)} is a symbolic link`, {
      hint: 'a secret is never written through a link; name the file itself',
    });
  }
  if (!found.isFile()) {
    throw new CredctlError('undelivered', `${quote(path)} is not a regular file`, {
      hint: 'name a file; to write to a pipe, let the shell redirect standard output',
    });
  }
  if (abandoned.length === 0) return 'occupied';
  const start = startOfFile(path, LOOK_BYTES).toString('latin1');
  const left = abandoned.filter(({ handle }) => start.includes(handle));
  if (start === '' || (left.length > 0 && left.every(({ lapses }) => lapses))) return 'left-over';
  return left.length > 0 ? 'abandoned' : 'occupied';
}

function exists(path: string): CredctlError {
  return new CredctlError('undelivered', `${quote(path)} exists already`, {
    hint: 'nothing was changed; use --force to replace it, or name another file',
  });
}

function fileFault(path: string, fault: unknown, hint: string): CredctlError {
  if (fault instanceof CredctlError) return fault;
  const code = faultCode(fault) ?? 'unknown fault';
  if (code === 'EEXIST') return exists(path);
  const facts: Readonly<Record<string, string>> = {
    ENOENT: 'its directory does not exist',
    ENOTDIR: 'its directory does not exist',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'read-only file system',
    ENOSPC: 'no space left',
    EDQUOT: 'no space left in the quota',
  };
  if (code === 'ENOENT' && existsSync(dirname(path))) {
    return new CredctlError(
      'undelivered',
      `cannot write ${quote(path)}: a file beside it vanished meanwhile`,
      {
        hint: `${hint}; look for what else removes files there`,
        cause: fault,
      },
    );
  }
  const fact = facts[code] ?? code;
  const advice = code === 'ENOENT' ? `${hint}; make the directory first` : hint;
  return new CredctlError('undelivered', `cannot write ${quote(path)}: ${fact}`, {
    hint: advice,
    cause: fault,
  });
}
