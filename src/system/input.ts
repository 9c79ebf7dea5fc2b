import { closeSync, openSync } from 'node:fs';
import { CredctlError, usageError } from '../domain/errors.js';
import { quote } from '../domain/text/quote.js';
import { codeOf } from '../files/errno.js';
import { readFully } from './streams.js';

/** Maximum size of input in bytes. */
const INPUT_LIMIT = 1_048_576;

/**
 * Reads standard input as text: UTF-8, or UTF-16 with a byte-order mark, as PowerShell 5 writes it. The mark is
 * dropped.
 *
 * @throws CredctlError `usage` when it is longer than 1 MiB
 */
export function readInput(): string {
  const bytes = readStandardInput();
  if (bytes === null)
    throw usageError('standard input is longer than 1 MiB', 'pass only the text that the command needs');
  return decoded(bytes);
}

function readStandardInput(): Buffer | null {
  try {
    return unheard(() => readFully(0, INPUT_LIMIT));
  } catch (fault) {
    throw usageError(
      `standard input cannot be read (${codeOf(fault) ?? 'unknown fault'})`,
      'check what standard input is connected to',
    );
  }
}

/**
 * Reads a file as text, as {@link readInput} does.
 *
 * @throws CredctlError `not_found`; `usage` when it is longer than 1 MiB
 */
export function readTextFile(path: string): string {
  try {
    const bytes = unheard(() => readStart(path));
    if (bytes === null) throw usageError(`${quote(path)} is longer than 1 MiB`, 'name the right file');
    return decoded(bytes);
  } catch (fault) {
    const code = codeOf(fault);
    if (code === null) throw fault;
    throw new CredctlError('not_found', `cannot read ${quote(path)} (${code})`, {
      hint: 'check the path',
      cause: fault,
    });
  }
}

/** The byte-order marks of Unicode (§23.8). */
function decoded(bytes: Buffer): string {
  const mark = bytes.toString('hex', 0, 3);
  if (mark === 'efbbbf') return bytes.toString('utf8', 3);
  if (mark.startsWith('fffe')) return bytes.toString('utf16le', 2);
  if (!mark.startsWith('feff')) return bytes.toString('utf8');
  const units = bytes.subarray(2, bytes.length - (bytes.length % 2));
  return Buffer.from(units).swap16().toString('utf16le');
}

function readStart(path: string): Buffer | null {
  const descriptor = openSync(path, 'r');
  try {
    return readFully(descriptor, INPUT_LIMIT);
  } finally {
    closeSync(descriptor);
  }
}

/** Restores the default action of SIGHUP during a blocking read(2), in which no handler can run. */
function unheard<T>(work: () => T): T {
  const handlers = process.listeners('SIGHUP');
  process.removeAllListeners('SIGHUP');
  try {
    return work();
  } finally {
    for (const handler of handlers) process.on('SIGHUP', handler);
  }
}
