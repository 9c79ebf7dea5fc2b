import { chmodSync, closeSync, constants, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { credctl, credctlRedirected, type Ended, PROGRAM, runIn } from '../program/real-program.js';
import { unprivileged } from '../program/unprivileged.js';
import type { Workplace } from '../program/workplace.js';
import { faultNumber } from './fault-numbers.js';
import type { PrivateMount } from './private-mount.js';

/** A place that cannot take a secret. */
export interface FailingOutput {
  readonly name: string;
  /** How often it is tried. */
  readonly times: number;
  /** Runs a `create` or a `rotate` whose secret has to go there. */
  readonly run: (place: Workplace, argv: readonly string[], n: number) => Promise<Ended>;
}

/** What the outputs share between all runs. */
export interface OutputFixtures {
  /** Descriptor of a pipe whose reader has gone. */
  readonly brokenPipe: number;
  readonly readOnly: PrivateMount;
  readonly full: PrivateMount;
}

/** What stands in a file before. */
export const EARLIER = 'somebody else wrote this';

/** One of each kind of failure. */
const OFTEN = faultNumber(100);
/** Its variations: enough for every type, format and operation. */
const SOMETIMES = faultNumber(20);

/** Standard outputs that fail. */
export function failingStandardOutputs(fixtures: () => OutputFixtures): readonly FailingOutput[] {
  const redirected = (redirection: string) => (place: Workplace, argv: readonly string[]) =>
    credctlRedirected(place, argv, redirection);
  return [
    { name: 'a closed standard output', times: OFTEN, run: redirected('>&-') },
    { name: 'a full device', times: OFTEN, run: redirected('> /dev/full') },
    { name: 'the null device', times: SOMETIMES, run: redirected('> /dev/null') },
    {
      name: 'a pipe without a reader',
      times: OFTEN,
      run: (place, argv) => credctl(place, argv, { stdout: fixtures().brokenPipe }),
    },
    {
      name: 'a reader that goes away',
      times: SOMETIMES,
      run: (place, argv) =>
        credctl(place, argv, {
          onStart(child) {
            // It must not be done before its reader has gone.
            child.kill('SIGSTOP');
            child.stdout?.once('close', () => child.kill('SIGCONT')).destroy();
          },
        }),
    },
    {
      name: 'a file on a full disk',
      times: SOMETIMES,
      run: (place, argv, n) =>
        insideWithShell(fixtures().full, place, argv, `> "${fixtures().full.directory}/printed-${n}"`),
    },
    {
      name: 'a full device besides a file',
      times: SOMETIMES,
      run(place, argv, n) {
        if (force(n).length > 0) writeFileSync(place.output('secret'), EARLIER);
        const flags = ['--print', '--output', place.output('secret'), ...force(n)];
        return credctlRedirected(place, [...argv, ...flags], '> /dev/full');
      },
    },
    { name: 'every stream closed', times: SOMETIMES, run: redirected('<&- >&- 2>&-') },
  ];
}

/** Files that cannot be written. */
export function failingFiles(fixtures: () => OutputFixtures): readonly FailingOutput[] {
  return [
    {
      name: 'a directory on a read-only disk',
      times: OFTEN,
      run: (place, argv, n) => insideWithFile(fixtures().readOnly, place, argv, n),
    },
    {
      name: 'a directory without the permission to write',
      times: SOMETIMES,
      run(place, argv) {
        chmodSync(place.outputs, 0o500);
        const output = ['--output', place.output('secret')];
        return runIn(place, unprivileged([process.execPath, PROGRAM, ...argv, ...output]));
      },
    },
    {
      name: 'a directory that does not exist',
      times: SOMETIMES,
      run: (place, argv) => credctl(place, [...argv, '--output', place.output('missing/secret')]),
    },
    {
      name: 'a path below a regular file',
      times: SOMETIMES,
      run(place, argv) {
        writeFileSync(place.output('plain'), 'plain');
        return credctl(place, [...argv, '--output', place.output('plain/secret')]);
      },
    },
    {
      name: 'an existing file',
      times: SOMETIMES,
      run(place, argv) {
        writeFileSync(place.output('secret'), EARLIER);
        return credctl(place, [...argv, '--output', place.output('secret')]);
      },
    },
    {
      name: 'a symbolic link',
      times: SOMETIMES,
      run(place, argv, n) {
        if (n % 4 > 0) writeFileSync(place.output('victim'), 'must stay as it is');
        symlinkSync(place.output('victim'), place.output('secret'));
        return credctl(place, [...argv, '--output', place.output('secret'), ...force(n)]);
      },
    },
    {
      name: 'a directory in its place',
      times: SOMETIMES,
      run(place, argv, n) {
        mkdirSync(place.output('secret'));
        return credctl(place, [...argv, '--output', place.output('secret'), ...force(n)]);
      },
    },
    {
      name: 'a full disk',
      times: SOMETIMES,
      run: (place, argv, n) => insideWithFile(fixtures().full, place, argv, n),
    },
  ];
}

/** Commands that do not take the secret over. */
export function failingCommands(): readonly FailingOutput[] {
  const to = (times: number, ...command: readonly string[]) => ({
    times,
    run: (place: Workplace, argv: readonly string[]) => credctl(place, [...argv, '--', ...command]),
  });
  return [
    { name: 'a command that fails', ...to(SOMETIMES, 'false') },
    {
      name: 'a command that takes the secret and fails',
      ...to(OFTEN, 'sh', '-c', 'cat > /dev/null; exit 3'),
    },
    { name: 'a command that is missing', ...to(SOMETIMES, './missing') },
    { name: 'a command that is a directory', ...to(SOMETIMES, './out') },
  ];
}

/** The write end of a pipe whose read end is closed: EPIPE. */
export function openBrokenPipe(fifo: string): number {
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(fifo, constants.O_WRONLY);
  closeSync(reader);
  return writer;
}

/** Every third run may replace what is there. */
function force(n: number): readonly string[] {
  return n % 3 === 1 ? ['--force'] : [];
}

function insideWithFile(
  mount: PrivateMount,
  place: Workplace,
  argv: readonly string[],
  n: number,
): Promise<Ended> {
  const output = join(mount.directory, `secret-${n}`);
  return runIn(place, mount.inside([process.execPath, PROGRAM, ...argv, '--output', output]));
}

function insideWithShell(
  mount: PrivateMount,
  place: Workplace,
  argv: readonly string[],
  redirection: string,
): Promise<Ended> {
  const shell = ['sh', '-c', `exec "$@" ${redirection}`, 'sh'];
  return runIn(place, mount.inside([...shell, process.execPath, PROGRAM, ...argv]));
}
