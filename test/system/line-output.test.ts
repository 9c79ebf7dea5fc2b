import {
  appendFileSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { appendedLines, type LineOutput } from '../../src/system/line-output.js';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'credctl-lines-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  path = join(directory, 'audit.jsonl');
});

function open(): LineOutput {
  const lines = appendedLines(path);
  onTestFinished(() => lines.close());
  return lines;
}

const read = (name = 'audit.jsonl'): string => readFileSync(join(directory, name), 'utf8');

describe('a file that lines are appended to', () => {
  it('gets a line of its own after one that a power cut has torn', async () => {
    writeFileSync(path, '{"seq":6}\n{"seq":7,"at"', { mode: 0o600 });
    const lines = open();
    await lines.write('{"seq":7}\n');
    await lines.write('{"seq":8}\n');
    expect(read()).toBe('{"seq":6}\n{"seq":7,"at"\n{"seq":7}\n{"seq":8}\n');
  });

  it('is created for its owner alone, and goes on where it ends', async () => {
    await open().write('a\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    appendFileSync(path, 'b\n');
    await open().write('c\n');
    expect(read()).toBe('a\nb\nc\n');
  });

  it('goes on in a new file when it was renamed, and nothing is lost', async () => {
    const lines = open();
    await lines.write('1\n');
    renameSync(path, `${path}.1`);
    await lines.write('2\n');
    renameSync(path, `${path}.2`);
    writeFileSync(path, '', { mode: 0o640 });
    await lines.write('3\n');
    expect([read('audit.jsonl.1'), read('audit.jsonl.2'), read()]).toEqual(['1\n', '2\n', '3\n']);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('is made anew when it was removed, and when another took its name', async () => {
    const lines = open();
    await lines.write('1\n');
    rmSync(path);
    await lines.write('2\n');
    expect(read()).toBe('2\n');
    writeFileSync(`${path}.new`, 'other\n');
    renameSync(`${path}.new`, path);
    await lines.write('3\n');
    expect(read()).toBe('other\n3\n');
  });

  it('goes on at the start of a file that was truncated', async () => {
    const lines = open();
    await lines.write('a long line\n');
    truncateSync(path, 0);
    await lines.write('2\n');
    expect(read()).toBe('2\n');
  });

  it('is no link, no directory and no pipe', async () => {
    writeFileSync(join(directory, 'elsewhere'), 'x\n');
    symlinkSync(join(directory, 'elsewhere'), path);
    expect(() => appendedLines(path)).toThrow('is a symbolic link');
    rmSync(path);
    mkdirSync(path);
    expect(() => appendedLines(path)).toThrow(/cannot write|not a regular file/);
    rmSync(path, { recursive: true });
    await execa('mkfifo', [path]);
    expect(() => appendedLines(path)).toThrow('is not a regular file');
    expect(read('elsewhere')).toBe('x\n');
  });

  it('is not believed where a link took its place meanwhile', async () => {
    const lines = open();
    await lines.write('1\n');
    writeFileSync(join(directory, 'elsewhere'), 'x\n');
    rmSync(path);
    symlinkSync(join(directory, 'elsewhere'), path);
    await expect(lines.write('2\n')).rejects.toMatchObject({ code: 'undelivered' });
    expect(read('elsewhere')).toBe('x\n');
  });

  it.runIf(process.geteuid?.() === 0)('belongs to this user', async () => {
    writeFileSync(join(directory, 'theirs'), '');
    chownSync(join(directory, 'theirs'), 65_534, 65_534);
    linkSync(join(directory, 'theirs'), path);
    expect(() => appendedLines(path)).toThrow('belongs to user 65534, not to you');
    expect(read('theirs')).toBe('');
  });

  it('says what is in the way', () => {
    path = join(directory, 'none', 'audit.jsonl');
    expect(() => appendedLines(path)).toThrow(`cannot write "${path}": its directory does not exist`);
    expect(existsSync(join(directory, 'none'))).toBe(false);
  });
});
