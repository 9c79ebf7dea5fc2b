import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { FEEDING_SHELL } from '../../../src/system/destinations/feeding-shell.js';
import { findProgram } from '../../../src/system/program/find-program.js';
import { isMissing } from '../../support/program/missing-programs.js';
import { stateOf } from '../../support/program/running-program.js';
import { until } from '../../support/program/until.js';

const SECRET = 'cctl_key_0123456789AB003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3G6fTG';

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** When the input ends as if credctl had been killed; otherwise it stays open. */
  readonly cut?: 'at once' | 'once begun';
}

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'credctl-feed-'));
  return () => rmSync(directory, { recursive: true });
});

describe.each(['dash', 'bash', 'busybox'])('what feeds a command, where /bin/sh is %s', (program) => {
  /** Runs it with an input, to its end. */
  async function feed(input: string, command: readonly string[], { env = {}, cut }: Surroundings = {}) {
    const { child, ended } = start(command, env);
    child.stdin.write(input);
    if (cut === 'at once') child.stdin.end();
    if (cut === 'once begun') child.stdout.once('data', () => child.stdin.end());
    return ended;
  }

  function start(command: readonly string[], env: Readonly<Record<string, string>>) {
    return startFeeding(program, command, env);
  }

  describe.skipIf(isMissing(`what feeds a command, in ${program}`, program))('', () => {
    it('hands over the line, without its end', async () => {
      expect(await feed(`${SECRET}\n`, ['/bin/cat'])).toEqual({
        status: 0,
        stdout: SECRET,
        stderr: '',
        report: 'begun\n',
      });
    });

    it.each(['', SECRET.slice(0, 30), SECRET])(
      'does not begin with a line that was cut off: %j',
      async (input) => {
        const { status, stdout, report } = await feed(input, ['/bin/sh', '-c', '> begun'], {
          cut: 'at once',
        });
        expect([status, stdout, report, existsSync(join(directory, 'begun'))]).toEqual([125, '', '', false]);
      },
    );

    it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)(
      'does not begin, and says so, when %s comes before the line',
      async (signal) => {
        const { child, ended } = start(['/bin/sh', '-c', '> begun'], {});
        child.stdin.write(SECRET);
        await until(() => stateOf(child.pid ?? 0) === 'S');
        child.kill(signal);
        const { report } = await ended;
        expect([report, existsSync(join(directory, 'begun'))]).toEqual(['', false]);
      },
    );

    it('ends the command, and what it has started, when credctl is gone', async () => {
      const script = "sleep 600 & trap 'echo asked; exit 9' TERM; echo begun; wait";
      const { stdout } = await feed(`${SECRET}\n`, ['/bin/sh', '-c', script], { cut: 'once begun' });
      expect(stdout).toBe('begun\nasked\n');
    });

    it('ends it also when it does not want to, or has been stopped', async () => {
      for (const script of ["trap '' TERM; sleep 600 & wait; sleep 600", 'kill -STOP $$']) {
        const { stdout } = await feed(`${SECRET}\n`, ['/bin/sh', '-c', `echo begun; ${script}`], {
          cut: 'once begun',
        });
        expect(stdout).toBe('begun\n');
      }
    });

    it('gives the command a pipe that it can open by name, and closes it', async () => {
      const { stdout } = await feed(`${SECRET}\n`, ['/bin/sh', '-c', 'test -p /dev/stdin && cat /dev/stdin']);
      expect(stdout).toBe(SECRET);
    });

    it('exports nothing that was not there, whatever the user’s variables are called', async () => {
      const { stdout } = await feed(`${SECRET}\n`, [process.execPath, '-p', 'JSON.stringify(process.env)'], {
        env: { credctl_input: 'mine' },
      });
      expect(stdout).not.toContain(SECRET.slice(-49));
    });

    it('shows and exports nothing, whatever options the shell inherits', async () => {
      const env = { SHELLOPTS: 'allexport:xtrace:verbose', PS4: '$(env)' };
      const { status, stdout, stderr } = await feed(
        `${SECRET}\n`,
        [process.execPath, '-p', 'JSON.stringify(process.env)'],
        { env },
      );
      expect(status).toBe(0);
      expect(stdout + stderr).not.toContain(SECRET.slice(-49));
    });

    it('leaves it the standard error, and no other descriptor', async () => {
      const { stdout, stderr } = await feed(`${SECRET}\n`, [
        '/bin/sh',
        '-c',
        'echo to err >&2; ls /proc/self/fd | grep -x [0-9]',
      ]);
      // One of them is the directory that is listed.
      expect([stdout, stderr]).toEqual(['0\n1\n2\n3\n', 'to err\n']);
    });

    it('lets the shell say why a command cannot be executed', async () => {
      const { status, stderr } = await feed(`${SECRET}\n`, ['/etc/passwd']);
      expect(status).toBe(126);
      expect(stderr).toContain('/etc/passwd');
    });

    it('needs no program of the path', async () => {
      const env = { PATH: join(directory, 'nothing') };
      expect(await feed(`${SECRET}\n`, ['/bin/cat'], { env })).toMatchObject({ status: 0, stdout: SECRET });
    });

    it.each([
      ['exit 0', 0],
      ['exit 3', 3],
      ['exec <&-; exit 0', 0],
      ['exec <&-; sleep 0.1; exit 4', 4],
      ['kill -TERM $$', 143],
    ])('ends as the command does: %s', async (script, expected) => {
      const { status, stderr } = await feed(`${SECRET}\n`, ['/bin/sh', '-c', script]);
      expect([status, stderr]).toEqual([expected, '']);
    });

    it('gives a command time to end in order when the group is asked to end', async () => {
      const script = "trap 'sleep 0.3; echo in order; exit 9' TERM; kill -TERM 0; sleep 600";
      const { status, stdout } = await feed(`${SECRET}\n`, ['/bin/sh', '-c', script]);
      expect([status, stdout]).toEqual([9, 'in order\n']);
    });

    it('interprets nothing in the command', async () => {
      const words = ['a b', '', '$HOME', '`id`', '--', "'", '*'];
      const { stdout } = await feed(`${SECRET}\n`, ['/usr/bin/printf', '<%s>', ...words]);
      expect(stdout).toBe(words.map((word) => `<${word}>`).join(''));
    });
  });
});

describe.each(['mksh', 'yash'])('where /bin/sh is %s, which has no printf of its own', (program) => {
  describe.skipIf(isMissing(`a shell that is not fit, ${program}`, program))('', () => {
    it('is reported, and no program sees the secret', async () => {
      const { child, ended } = startFeeding(program, ['/bin/sh', '-c', '> begun'], {});
      child.stdin.write(`${SECRET}\n`);
      const { status, report } = await ended;
      expect([status, report, existsSync(join(directory, 'begun'))]).toEqual([125, 'unfit\n', false]);
    });
  });
});

/** Starts what feeds a command in a shell, which behaves in another way when its name is not sh. */
function startFeeding(program: string, command: readonly string[], env: Readonly<Record<string, string>>) {
  const shell = join(directory, 'sh');
  if (!existsSync(shell)) symlinkSync(pathOf(program), shell);
  const child = spawn(shell, ['-c', FEEDING_SHELL, 'sh', ...command], {
    cwd: directory,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', ...env },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    // One of the commands signals its whole group.
    detached: true,
  });
  const written = { stdout: '', stderr: '', report: '' };
  const collect = (name: keyof typeof written, stream: NodeJS.ReadableStream): void => {
    stream.setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  };
  collect('stdout', child.stdout);
  collect('stderr', child.stderr);
  const report = child.stdio[3];
  if (report instanceof Readable) collect('report', report);
  child.stdin.on('error', () => {});
  return { child, ended: once(child, 'close').then(([status]) => ({ status, ...written })) };
}

function pathOf(program: string): string {
  const found = findProgram(program, process.env);
  if ('path' in found) return found.path;
  throw new Error(`${program} cannot be found`);
}
