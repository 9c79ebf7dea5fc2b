import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ScanReport } from '../../../src/domain/ports/scan-port.js';
import { positionText } from '../../../src/domain/scan/place.js';
import { composeSecret } from '../../../src/domain/secret/secret-format.js';
import { scanInput } from '../../../src/system/scan/input.js';

const SECRET = composeSecret('cctl', 'key', 'abcdefghijkl', 'S'.repeat(43));
const OTHER = composeSecret('cctl', 'sec', 'mnopqrstuvwx', 'T'.repeat(43));
const HANDLE = 'cctl_key_abcdefghijkl';
const OTHER_HANDLE = 'cctl_sec_mnopqrstuvwx';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'credctl-input-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What a scan of some blocks tells, as lines. */
async function told(
  blocks: Iterable<string | Buffer>,
  { root = directory, excluded = [] as readonly string[] } = {},
) {
  const lines: string[] = [];
  const notes: string[] = [];
  let bytes = 0;
  const report: ScanReport = {
    found: ({ handle }, place) => lines.push(`found ${handle} ${positionText(place)}`),
    unreadable: (path, why) => lines.push(`unreadable ${path}: ${why}`),
    passedOver: (path, what) => lines.push(`passed over ${path}: ${what}`),
    noted: (text) => notes.push(text),
    scanned: (more) => {
      bytes += more;
    },
  };
  const source = blocks[Symbol.iterator]();
  const readBlock = (block: Buffer): number => {
    const next = source.next();
    return next.done === true ? 0 : Buffer.from(next.value).copy(block);
  };
  const scope = { prefixes: ['cctl'], excluded, withIgnored: false, jobs: 1 };
  await scanInput(process.env, scope, report, root, readBlock);
  return { lines, notes, bytes };
}

const gitleaks = (members: object) => ({
  RuleID: 'credctl',
  StartLine: 2,
  EndLine: 2,
  StartColumn: 5,
  Match: 'REDACTED',
  Secret: 'REDACTED',
  File: 'app.env',
  SymlinkFile: '',
  Commit: '',
  ...members,
});

const baseline = (results: object) => JSON.stringify({ plugins_used: [], results, version: '1.5.0' });

function git(...args: readonly string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, ...args], { cwd: directory, encoding: 'utf8' }).trim();
}

describe('standard input that is a report', () => {
  it('is searched for the secrets in it, which are at the places it tells', async () => {
    const text = JSON.stringify([
      gitleaks({ Secret: SECRET, Match: `key=${SECRET}` }),
      gitleaks({ Secret: 'another', Match: `${OTHER} another`, File: '', StartLine: 9 }),
    ]);
    const { lines, notes, bytes } = await told([text.slice(0, 10), text.slice(10)]);
    expect(lines).toEqual([`found ${HANDLE} app.env:2:5`, `found ${OTHER_HANDLE} standard input`]);
    expect(notes).toEqual(['standard input is a report of gitleaks, with 2 entries']);
    expect(bytes).toBe(text.length);
  });

  it('leads to the files of what it keeps back, line by line', async () => {
    writeFileSync(join(directory, 'app.env'), `A=1\n    K=${SECRET}\nS=${OTHER}\n`);
    const { lines } = await told([
      '\ufeff \n',
      JSON.stringify([gitleaks({}), gitleaks({ StartLine: 1, EndLine: 1 })]),
    ]);
    expect(lines).toEqual([`found ${HANDLE} app.env:2:7`]);
  });

  it('with hashes finds a secret again whose line has moved', async () => {
    writeFileSync(join(directory, 'app.env'), `\n\n\n${SECRET}\n${OTHER}\n`);
    const hashed_secret = createHash('sha1').update(SECRET).digest('hex');
    const { lines } = await told([baseline({ 'app.env': [{ hashed_secret, line_number: 1 }] })]);
    expect(lines).toEqual([`found ${HANDLE} app.env:4:1`]);
  });

  it('leads to the commit where a file was otherwise, or is gone', async () => {
    git('init', '-q');
    writeFileSync(join(directory, 'app.env'), `\n${SECRET}\n`);
    git('add', '.');
    git('commit', '-q', '-m', 'one');
    const commit = git('rev-parse', 'HEAD');
    rmSync(join(directory, 'app.env'));
    const { lines } = await told([
      JSON.stringify([gitleaks({ Commit: commit }), gitleaks({ Commit: 'a'.repeat(40) })]),
    ]);
    expect(lines).toEqual([
      `found ${HANDLE} app.env:2:1@${commit.slice(0, 12)}`,
      'unreadable app.env: there is no such file in the working directory',
    ]);
  });

  it('opens nothing outside the directory, through no link, and waits for no pipe', async () => {
    const inside = join(directory, 'inside');
    mkdirSync(inside);
    writeFileSync(join(directory, 'outside.txt'), SECRET);
    symlinkSync('../outside.txt', join(inside, 'link.txt'));
    symlinkSync('..', join(inside, 'up'));
    execFileSync('mkfifo', [join(inside, 'pipe')]);
    const paths = [
      '../outside.txt',
      join(directory, 'outside.txt'),
      'link.txt',
      'up/outside.txt',
      'pipe',
      '.',
      '/dev/zero',
    ];
    const places = Object.fromEntries(paths.map((path) => [path, [{ hashed_secret: 'x' }]]));
    const { lines } = await told([baseline({ ...places, 'a\0b': [{}] })], { root: inside });
    expect(lines).toEqual([
      'unreadable ../outside.txt: it is outside the working directory',
      `unreadable ${join(directory, 'outside.txt')}: it is outside the working directory`,
      'unreadable link.txt: it is outside the working directory',
      'unreadable up/outside.txt: it is outside the working directory',
      'unreadable pipe: it is a named pipe',
      'unreadable .: it is a directory',
      'unreadable /dev/zero: it is outside the working directory',
      'unreadable a\0b: it is outside the working directory',
    ]);
  });

  it('reads a file inside that is named in full, and each once', async () => {
    const path = join(directory, 'app.env');
    writeFileSync(path, SECRET);
    const entry = [{ line_number: 1 }, { line_number: 2 }];
    const text = baseline({ [path]: entry });
    const { lines, bytes } = await told([text]);
    expect(lines).toEqual([`found ${HANDLE} ${path}:1:1`]);
    expect(bytes).toBe(text.length + SECRET.length);
  });

  it('leaves out what is excluded, and says where it tells nothing', async () => {
    const alert = {
      number: 3,
      secret_type: 'x',
      html_url: 'https://github.com/o/r/security/secret-scanning/3',
    };
    const text = JSON.stringify([gitleaks({ Secret: SECRET }), { action: 'created', alert }]);
    expect((await told([text], { excluded: ['*.env'] })).lines).toEqual([
      `unreadable ${alert.html_url}: the report tells neither a secret nor its file`,
    ]);
  });

  it('and breaks off is read as text, and told to be unreadable', async () => {
    const text = JSON.stringify([gitleaks({ Secret: SECRET }), gitleaks({})], null, 1);
    const cut = text.slice(0, -20);
    const { lines } = await told([cut]);
    expect(lines).toEqual([
      `found ${HANDLE} standard input:8:14`,
      `unreadable standard input: as a report it breaks off in line ${cut.split('\n').length}; it was read as text`,
    ]);
  });
});

describe('standard input that is a text', () => {
  it('is found in at its line, wherever blocks cut it', async () => {
    const text = `one\ntwo ${SECRET}\n`;
    expect((await told(text)).lines).toEqual([`found ${HANDLE} standard input:2:5`]);
  });

  it('may begin like JSON, and may be JSON that nobody knows', async () => {
    expect(await told([`[default]\nkey = ${SECRET}\n`])).toMatchObject({
      lines: [`found ${HANDLE} standard input:2:7`],
      notes: [],
    });
    expect((await told([`{"a":\n"${SECRET}"}`])).lines).toEqual([`found ${HANDLE} standard input:2:2`]);
  });

  it('is read as a stream where a report would be too long', async () => {
    const mebibyte = Buffer.alloc(1 << 20, ' ');
    function* blocks() {
      yield '[';
      for (let count = 0; count < 80; count += 1) yield mebibyte;
      yield `"${SECRET}"]`;
    }
    const { lines, notes, bytes } = await told(blocks());
    expect(notes).toEqual(['standard input is longer than 64 MiB; it is read as text']);
    expect(lines).toEqual([`found ${HANDLE} standard input:1:${80 * (1 << 20) + 3}`]);
    expect(bytes).toBe(80 * (1 << 20) + SECRET.length + 4);
  });

  it('may be nothing, or white space', async () => {
    expect(await told([])).toEqual({ lines: [], notes: [], bytes: 0 });
    expect(await told(['\n', ' \t'])).toEqual({ lines: [], notes: [], bytes: 3 });
  });
});
