import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../../src/system/program/find-program.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'credctl-programs-'));
  for (const name of ['first', 'second']) mkdirSync(join(directory, name));
  return () => rmSync(directory, { recursive: true });
});

function put(path: string, mode = 0o755): string {
  const file = join(directory, path);
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, mode);
  return file;
}

const search = (name: string) =>
  findProgram(name, { PATH: `${join(directory, 'first')}:${join(directory, 'second')}` });

describe('a program', () => {
  it('is found in the first directory of the path that has it', () => {
    const second = put('second/tool');
    expect(search('tool')).toEqual({ path: second });
    const first = put('first/tool');
    expect(search('tool')).toEqual({ path: first });
  });

  it('is passed over where it cannot be executed', () => {
    put('first/tool', 0o644);
    expect(search('tool')).toEqual({ missing: 'not-executable' });
    const second = put('second/tool');
    expect(search('tool')).toEqual({ path: second });
  });

  it('is a path when its name holds a slash, whatever the search path', () => {
    const tool = put('tool');
    expect(search(tool)).toEqual({ path: tool });
    expect(search(join(directory, 'first/tool'))).toEqual({ missing: 'not-found' });
    expect(findProgram(tool, { PATH: '' })).toEqual({ path: tool });
  });

  it('is looked for in the working directory where the search path has an empty part, and keeps a slash', () => {
    const found = findProgram('package.json', { PATH: ':/bin' });
    expect(found).toEqual({ missing: 'not-executable' });
    expect(findProgram('sh', { PATH: '/bin' })).toEqual({ path: '/bin/sh' });
    expect(findProgram('sh', {})).toMatchObject({ path: expect.stringContaining('/') });
  });

  it.each([
    ['a directory', 'not-executable'],
    ['a link to nothing', 'not-found'],
    ['', 'not-found'],
    ['a\0b', 'not-found'],
  ] as const)('is not %j', (name, missing) => {
    mkdirSync(join(directory, 'first', 'a directory'));
    symlinkSync('nothing', join(directory, 'first', 'a link to nothing'));
    expect(search(name)).toEqual({ missing });
  });
});
