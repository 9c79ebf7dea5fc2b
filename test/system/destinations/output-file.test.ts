import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lookAt } from '../../../src/files/identity.js';
import {
  createFile,
  lookInto,
  proveWritable,
  replaceFile,
  sweepSiblings,
} from '../../../src/system/destinations/output-file.js';
import { ENDED, FOREIGN, leftoverName, OWN, REUSED } from '../../support/stores/leftover-names.js';
import { temporaryDirectory } from '../../support/stores/stores.js';

const SECRET = Buffer.from('the secret\n');

/** The path of a file that does not exist yet, in a directory of its own. */
function freePath(): string {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.dispose());
  return join(directory.path, 'key.env');
}

function withoutMask(): void {
  const before = process.umask(0);
  onTestFinished(() => {
    process.umask(before);
  });
}

const contents = (path: string) => readFileSync(path, 'utf8');
const modeOf = (path: string) => (lstatSync(path).mode & 0o777).toString(8);
const beside = (path: string) => readdirSync(dirname(path)).sort();
const withCode = (code: string) => expect.objectContaining({ code }) as Error;

describe('creating a file for a secret', () => {
  it('makes it readable for its owner alone, whatever the mask', () => {
    withoutMask();
    const path = freePath();
    createFile(path, SECRET);
    expect([contents(path), modeOf(path), beside(path)]).toEqual(['the secret\n', '600', ['key.env']]);
  });

  it('is possible where the mask takes everything away', () => {
    const before = process.umask(0o777);
    onTestFinished(() => {
      process.umask(before);
    });
    const path = freePath();
    chmodSync(dirname(path), 0o700);
    createFile(path, SECRET);
    expect([contents(path), modeOf(path)]).toEqual(['the secret\n', '600']);
  });

  it.each(['mine', ''])('never touches a file that exists (holding %j)', (before) => {
    const path = freePath();
    writeFileSync(path, before, { mode: 0o644 });
    expect(() => createFile(path, SECRET)).toThrow(withCode('EEXIST'));
    expect([contents(path), modeOf(path)]).toEqual([before, '644']);
  });

  it('never writes through a link, nor to where a dangling one points', () => {
    const path = freePath();
    const victim = join(dirname(path), 'victim');
    symlinkSync(victim, path);
    expect(() => createFile(path, SECRET)).toThrow(withCode('EEXIST'));
    expect(existsSync(victim)).toBe(false);
    writeFileSync(victim, 'mine');
    expect(() => createFile(path, SECRET)).toThrow(withCode('EEXIST'));
    expect(contents(victim)).toBe('mine');
  });

  it('fails where there is no directory', () => {
    expect(() => createFile(join(freePath(), 'x'), SECRET)).toThrow(withCode('ENOENT'));
  });
});

describe('replacing a file by one with a secret', () => {
  it('happens in one step: who has the old file open still sees all of it', () => {
    const path = freePath();
    writeFileSync(path, 'the old one', { mode: 0o644 });
    linkSync(path, `${path}.kept`);
    const descriptor = openSync(path, 'r');
    replaceFile(path, SECRET);
    expect(readFileSync(descriptor, 'utf8')).toBe('the old one');
    closeSync(descriptor);
    expect([contents(path), contents(`${path}.kept`)]).toEqual(['the secret\n', 'the old one']);
    expect(statSync(path).ino).not.toBe(statSync(`${path}.kept`).ino);
  });

  it('makes it readable for its owner alone, whatever it was before', () => {
    withoutMask();
    const path = freePath();
    writeFileSync(path, 'the old one', { mode: 0o666 });
    replaceFile(path, SECRET);
    expect([modeOf(path), beside(path)]).toEqual(['600', ['key.env']]);
  });

  it('takes the place of a link, and leaves alone what it points to', () => {
    const path = freePath();
    const victim = join(dirname(path), 'victim');
    writeFileSync(victim, 'mine');
    symlinkSync(victim, path);
    replaceFile(path, SECRET);
    expect([contents(victim), contents(path), lstatSync(path).isSymbolicLink()]).toEqual([
      'mine',
      'the secret\n',
      false,
    ]);
  });

  it('leaves nothing behind when it fails', () => {
    const path = freePath();
    mkdirSync(path);
    writeFileSync(join(path, 'inside'), 'mine');
    expect(() => replaceFile(path, SECRET)).toThrow();
    expect(beside(path)).toEqual(['key.env']);
    expect(contents(join(path, 'inside'))).toBe('mine');
  });

  it('works where there was no file', () => {
    const path = freePath();
    replaceFile(path, SECRET);
    expect(contents(path)).toBe('the secret\n');
  });
});

describe('proving that a file can be written', () => {
  it('leaves nothing behind, and does not touch what is there', () => {
    const path = freePath();
    proveWritable(path);
    expect(beside(path)).toEqual([]);
    writeFileSync(path, 'mine');
    proveWritable(path);
    expect([contents(path), beside(path)]).toEqual(['mine', ['key.env']]);
  });

  it('fails where there is no directory', () => {
    expect(() => proveWritable(join(freePath(), 'x'))).toThrow(withCode('ENOENT'));
  });
});

describe('what a replacement that was killed left behind', () => {
  it('is swept by the next one in that directory, unless its process still runs or is of another container', () => {
    const path = freePath();
    const left = ['key.env', 'other.env'].flatMap((name) => [
      leftoverName(name, ENDED, 'tmp'),
      leftoverName(name, REUSED, 'tmp'),
    ]);
    const others = [
      leftoverName('key.env', OWN, 'tmp'),
      leftoverName('key.env', FOREIGN, 'tmp'),
      leftoverName('key.env', ENDED, 'tmp', '.bak'),
      leftoverName('key.env', ENDED, 'tmp').slice(1),
      '.key.env',
      'key.env',
    ];
    for (const name of [...left, ...others]) writeFileSync(join(dirname(path), name), 'half a secret');
    sweepSiblings(path);
    expect(beside(path)).toEqual([...others].sort());
  });
});

describe('looking at what is there', () => {
  it('tells a link from what it points to, and nothing from something', () => {
    const path = freePath();
    expect(lookAt(path)).toBeNull();
    symlinkSync('/etc/hostname', path);
    expect(lookAt(path)?.isSymbolicLink()).toBe(true);
    expect(() => lookInto(path, 10)).toThrow(withCode('ELOOP'));
  });

  it('reads no more than the beginning', () => {
    const path = freePath();
    writeFileSync(path, '0123456789');
    expect([4, 99].map((limit) => lookInto(path, limit).start.toString())).toEqual(['0123', '0123456789']);
  });
});
