import { chmodSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { heldRun } from '../../support/program/held-run.js';
import { PROGRAM, runIn } from '../../support/program/real-program.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';
import { probing, verdictOn } from '../../support/stores/store-probe.js';

const SCOPE = ['--scope', 'data:conversations'];

/** Everything that creates a file or a directory, or changes its mode. */
const CALLS =
  'open,openat,creat,mkdir,mkdirat,mknod,mknodat,chmod,fchmod,fchmodat,rename,renameat,renameat2,link,linkat';

let place: Workplace;

beforeEach(() => {
  place = makeWorkplace();
  return () => place.remove();
});

/** A creation of a file or directory, or a change of its mode, as the system saw it. */
interface Creation {
  readonly path: string;
  readonly mode: number;
  readonly isDirectory: boolean;
}

/** Runs the program with the loosest umask there is, and answers with what it created in the workplace. */
async function creationsOf(argv: readonly string[], input = ''): Promise<readonly Creation[]> {
  const log = join(place.root, 'strace.log');
  const trace = ['strace', '-f', '--seccomp-bpf', '-qq', '-s', '4096', '-e', `trace=${CALLS}`, '-o', log];
  const command = ['sh', '-c', 'umask 000; exec "$@"', 'sh', ...trace, process.execPath, PROGRAM, ...argv];
  const ended = await runIn(place, command, { input });
  expect(ended.exitCode, ended.stderr).toBe(0);
  // The directory of an output is held by a descriptor.
  const noted = readFileSync(log, 'utf8').replaceAll(/"\/proc\/self\/fd\/\d+\//g, `"${place.outputs}/`);
  return creationsIn(noted).filter(({ path }) => path.startsWith(place.root));
}

function creationsIn(log: string): readonly Creation[] {
  return log.split('\n').flatMap((line): readonly Creation[] => {
    const opened = /\bopen(?:at)?\([^"]*"([^"]+)", \S*O_CREAT\S*, (0\d*)/.exec(line);
    const made = /\b(mkdir|mkdirat|mknod|mknodat|creat)\([^"]*"([^"]+)", (?:S_\w+\|)?(0\d*)/.exec(line);
    const changed = /\b(?:chmod|fchmodat)\([^"]*"([^"]+)", (0\d*)/.exec(line);
    const [path, mode] = opened?.slice(1) ?? made?.slice(2) ?? changed?.slice(1) ?? [];
    if (path === undefined || mode === undefined) return [];
    return [{ path, mode: Number.parseInt(mode, 8), isDirectory: made?.[1]?.startsWith('mkdir') === true }];
  });
}

describe('every file is for its owner alone from the first byte, whatever the umask', () => {
  const seen = new Set<string>();

  it('of a whole session: each file is asked for with mode 0600, each directory with 0700', async () => {
    const secret = place.output('secret');
    const session: readonly (readonly string[])[] = [
      ['store', 'init', '--hash', 'sha256'],
      ['create', 'one', '--type', 'api-key', ...SCOPE, '--output', secret],
      ['create', 'two', ...SCOPE],
      ['rotate', 'one', '--output', secret, '--force'],
      ['list'],
      ['edit', 'one', '--description', 'edited'],
      ['rotate', 'two', '--json'],
      ['audit', 'export'],
      ['store', 'check'],
      ['delete', 'two', '--yes'],
    ];
    for (const argv of session) {
      for (const { path, mode, isDirectory } of await creationsOf(argv)) {
        expect(mode.toString(8), `${argv.join(' ')}: ${path}`).toBe(isDirectory ? '700' : '600');
        seen.add(path.slice(place.root.length).replaceAll(/[0-9a-f]{10}-\d+-\d+-[0-9a-f]{12}/g, '#'));
      }
    }
    await creationsOf(['verify'], readFileSync(secret, 'utf8'));
    for (const expected of [
      '/data/credctl',
      '/data/credctl/.credctl.db.credctl-#.new',
      '/data/credctl/credctl.db-wal',
      '/data/credctl/credctl.db-shm',
      '/out/secret',
      '/out/.secret.credctl-#.tmp',
    ]) {
      expect([...seen]).toContain(expected);
    }
    checkModes();
  });

  it('of the first command, which makes the store', async () => {
    const created = await creationsOf(['create', 'one', '--type', 'api-key', ...SCOPE]);
    expect(created.length).toBeGreaterThan(0);
    for (const { mode } of created) expect(mode & 0o077).toBe(0);
    checkModes();
  });

  it('also the files beside the store while it is in use', async () => {
    await creationsOf(['store', 'init', '--hash', 'sha256']);
    const held = await heldRun(place, 'one', ['create', 'one', '--type', 'api-key', ...SCOPE]);
    const files = readdirSync(place.storeDirectory).sort();
    expect(files).toEqual(['credctl.db', 'credctl.db-shm', 'credctl.db-wal']);
    checkModes();
    const { stdout, exitCode } = await held.release();
    expect(exitCode).toBe(0);
    await probing(place, async (deps) => expect(await verdictOn(deps, stdout.trim())).toBe('valid'));
  });

  it('and a file that is replaced passes nothing on that others could do with it', async () => {
    await creationsOf(['store', 'init', '--hash', 'sha256']);
    const secret = place.output('secret');
    writeFileSync(secret, 'loose');
    chmodSync(secret, 0o666);
    await creationsOf(['create', 'one', ...SCOPE, '--output', secret, '--force']);
    expect((lstatSync(secret).mode & 0o7777).toString(8)).toBe('660');
    chmodSync(secret, 0o600);
    checkModes();
  });

  afterEach(() => seen.clear());

  function checkModes(): void {
    for (const name of readdirSync(place.root, { recursive: true, encoding: 'utf8' })) {
      if (name === 'strace.log') continue;
      const stats = lstatSync(join(place.root, name));
      expect((stats.mode & 0o7777).toString(8), name).toBe(stats.isDirectory() ? '700' : '600');
    }
  }
});
