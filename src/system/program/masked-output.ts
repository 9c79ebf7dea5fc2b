import { write } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createMasker } from '../../domain/secret/masking.js';
import { codeOf, errno } from '../../files/errno.js';

const RETRY_MS = 5;

const writeSome = promisify(write);

/**
 * Passes a program's output on, byte by byte, masking the given texts. Writes are asynchronous, so that signals
 * are handled while the reader is slow. When writing fails, the source is closed, which the program sees as a
 * closed pipe.
 *
 * @returns the errno of the failed write, or null
 */
export async function passMasked(
  source: Readable,
  descriptor: number,
  texts: readonly string[],
): Promise<string | null> {
  const masker = createMasker(texts);
  try {
    for await (const piece of source) {
      await writeAll(descriptor, masker.push((piece as Buffer).toString('latin1')));
    }
    await writeAll(descriptor, masker.end());
    return null;
  } catch (fault) {
    source.destroy();
    return codeOf(fault) ?? 'unknown fault';
  }
}

async function writeAll(descriptor: number, text: string): Promise<void> {
  let rest = Buffer.from(text, 'latin1');
  while (rest.length > 0) {
    try {
      const { bytesWritten } = await writeSome(descriptor, rest);
      rest = rest.subarray(bytesWritten);
    } catch (fault) {
      if (errno(fault) !== 'EAGAIN') throw fault;
      await pause(RETRY_MS);
    }
  }
}
