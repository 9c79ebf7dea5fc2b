import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isDiscarded, readFully, writeDurably, writeFully } from '../../src/system/streams.js';
import { temporaryDirectory } from '../support/stores/stores.js';

const { O_RDONLY, O_RDWR, O_WRONLY, O_NONBLOCK } = constants;

function inDirectory(name: string): string {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.dispose());
  return join(directory.path, name);
}

function fifo(): string {
  const path = inDirectory('fifo');
  execFileSync('mkfifo', [path]);
  return path;
}

/** A descriptor that is closed with the test. */
function opened(path: string, flags: number | string): number {
  const descriptor = openSync(path, flags);
  onTestFinished(() => {
    try {
      closeSync(descriptor);
    } catch {
      // The test has closed it itself.
    }
  });
  return descriptor;
}

const withCode = (code: string) => expect.objectContaining({ code }) as Error;

describe('writing fully', () => {
  it('writes more than a pipe holds to a slow reader, every byte in order', async () => {
    const path = fifo();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    const target = `${path}.out`;
    const script = 'sleep 0.1; exec head -c 300000 < "$0" > "$1"';
    const reader = spawn('sh', ['-c', script, path, target], { stdio: 'ignore' });
    writeFully(opened(path, O_RDWR | O_NONBLOCK), bytes);
    await once(reader, 'exit');
    expect(readFileSync(target).equals(bytes)).toBe(true);
  });

  it('says so when the reader is gone', () => {
    const path = fifo();
    const reader = openSync(path, O_RDONLY | O_NONBLOCK);
    const writer = opened(path, O_WRONLY | O_NONBLOCK);
    closeSync(reader);
    expect(() => writeFully(writer, Buffer.from('secret'))).toThrow(withCode('EPIPE'));
  });

  it('says so when the device is full', () => {
    const full = opened('/dev/full', 'w');
    expect(() => writeFully(full, Buffer.from('secret'))).toThrow(withCode('ENOSPC'));
    expect(() => writeDurably(full, Buffer.from('secret'))).toThrow(withCode('ENOSPC'));
  });

  it('says so when the descriptor is closed', () => {
    const descriptor = openSync('/dev/null', 'w');
    closeSync(descriptor);
    expect(() => writeFully(descriptor, Buffer.from('secret'))).toThrow(withCode('EBADF'));
  });

  it('writes nothing when there is nothing to write', () => {
    const path = inDirectory('file');
    writeFully(opened(path, 'w'), new Uint8Array());
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('has what went to a file on the disk, and copes with what cannot be synced', () => {
    const path = inDirectory('file');
    writeDurably(opened(path, 'w'), Buffer.from('secret\n'));
    expect(readFileSync(path, 'utf8')).toBe('secret\n');
    writeDurably(opened(fifo(), O_RDWR | O_NONBLOCK), Buffer.from('secret\n'));
  });
});

describe('what leads nowhere', () => {
  it('is the null device, and a closed descriptor', () => {
    const closed = openSync('/dev/null', 'w');
    closeSync(closed);
    expect([isDiscarded(opened('/dev/null', 'w')), isDiscarded(closed)]).toEqual([true, true]);
  });

  it('is not a file, a pipe or another device', () => {
    const places = [opened(inDirectory('file'), 'w'), opened(fifo(), O_RDWR), opened('/dev/full', 'w')];
    expect(places.map((descriptor) => isDiscarded(descriptor))).toEqual([false, false, false]);
  });
});

describe('reading fully', () => {
  const holding = (text: string) => {
    const path = inDirectory('file');
    writeFileSync(path, text);
    return opened(path, 'r');
  };

  it.each(['', 'short', 'x'.repeat(70_000)])('reads everything up to the limit (case %#)', (text) => {
    expect(readFully(holding(text), Math.max(1, text.length))?.toString()).toBe(text);
  });

  it('reads nothing at all when there is more than the limit', () => {
    expect(readFully(holding('x'.repeat(70_001)), 70_000)).toBeNull();
  });

  it('waits for a slow writer to end', async () => {
    const path = fifo();
    const script = '(printf one; sleep 0.1; printf two) > "$0"';
    const writer = spawn('sh', ['-c', script, path], { stdio: 'ignore' });
    const text = readFully(opened(path, O_RDONLY), 100)?.toString();
    await once(writer, 'exit');
    expect(text).toBe('onetwo');
  });
});
