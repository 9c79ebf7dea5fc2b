import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { faultNumber } from '../../support/faults/fault-numbers.js';
import { traced } from '../../support/faults/faulty-calls.js';
import { RESIDENTS, type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { EVE, makeVictims, sharedDirectory, type Victims } from '../../support/faults/planted.js';
import { PROGRAM, runIn } from '../../support/program/real-program.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';

const LOOP = fileURLToPath(new URL('../../support/faults/planting-loop.mjs', import.meta.url));
const K = ['--type', 'api-key', '--scope', 'data:users'];

/** Rounds of each command: what is planted, and when, differs from round to round. */
const ROUNDS = faultNumber(20, 5);

/** When something takes a name that is not temporary for the n-th time; 0 for a temporary one. */
const MOMENTS = [2, 0, 1];

/** After every call that changes a name or a right, the program sleeps for 20 ms: the other user comes in between. */
const CALLS = '/^(rename|link|unlink|rmdir|mkdir|fsync|(f|l)?ch(mod|own)|utimens).*$';
const SLOW = ['-e', `trace=${CALLS}`, '-e', `inject=${CALLS}:delay_exit=20000`];

let settled: Settled;

beforeAll(async () => {
  settled = await settle(MEMORY);
  return () => settled.place.remove();
});

describe.runIf(process.geteuid?.() === 0)('root, in a directory where another user is at work', () => {
  it.each([
    ['replaces a file', ['rotate', RESIDENTS['api-key'], '--now', '--force', '--output', 'k']],
    [
      'replaces a file in vain',
      ['rotate', RESIDENTS['api-key'], '--now', '--force', '--output', 'k', '--', 'false'],
    ],
    ['makes a file', ['create', 'new', ...K, '--output', 'n']],
    ['makes a file in vain', ['create', 'new', ...K, '--output', 'n', '--', 'false']],
  ])('of which that one is the owner, %s: nothing else is touched', async (_what, argv) => {
    const moved = await meetEve((place) => ({ directory: directoryOf(place), argv }));
    expect(moved).toBeGreaterThan(0);
  });

  it.each([
    ['makes a backup', ['store', 'backup', 'b.db']],
    ['makes a copy', ['store', 'copy', '--to', 'c.db']],
    ['makes a store', ['store', 'init', '--hash', 'sha256', '--store', 's.db']],
    ['makes a file', ['create', 'new', ...K, '--output', 'n']],
  ])('for everybody, %s: nothing else is touched', async (_what, argv) => {
    const moved = await meetEve((place) => ({
      directory: sharedDirectory(join(place.root, 'shared')),
      argv,
    }));
    expect(moved).toBe(0);
  });
});

/** What the other user does as soon as there is a secret in a file: the directory's name leads to one of root's. */
const EXCHANGE = `until grep -qs cctl_ app/k || { [ -s app/k ] && ! [ -r app/k ]; }; do sleep 0.02; done; mv app app2; ln -s ../victims app`;

describe.runIf(process.geteuid?.() === 0)(
  'root, in a directory that is exchanged for a link to one of root’s',
  () => {
    it.each([
      [
        'put back what it had replaced',
        ['rotate', RESIDENTS['api-key'], '--now', '--force', '--output', 'app/k'],
      ],
      ['removed what it had made', ['create', 'new', ...K, '--output', 'app/k']],
    ])('has %s in the directory that it was', async (_what, argv) => {
      const place = settled.place.copy();
      try {
        chmodSync(place.root, 0o711);
        const victims = makeVictims(place.root, 0);
        writeFileSync(join(victims.directory, 'k'), 'of root alone', { mode: 0o600 });
        const eves = join(place.root, 'eve');
        mkdirSync(join(eves, 'app'), { recursive: true, mode: 0o755 });
        if (argv[0] === 'rotate') writeFileSync(join(eves, 'app', 'k'), 'before', { mode: 0o666 });
        for (const path of [
          eves,
          join(eves, 'app'),
          ...(argv[0] === 'rotate' ? [join(eves, 'app', 'k')] : []),
        ]) {
          chownSync(path, EVE, EVE);
        }
        const as = [`--reuid=${EVE}`, `--regid=${EVE}`, '--clear-groups', 'sh', '-c', EXCHANGE];
        const eve = spawn('setpriv', as, { cwd: eves, stdio: 'ignore' });
        const moved = 'until [ -L app ]; do sleep 0.02; done; exit 1';
        const { exitCode } = await runIn(
          place,
          [process.execPath, PROGRAM, ...argv, '--', 'sh', '-c', moved],
          { cwd: eves },
        );
        eve.kill('SIGKILL');
        expect(exitCode).toBe(6);
        const path = join(victims.directory, 'k');
        const { uid, mode } = lstatSync(path);
        expect([readFileSync(path, 'utf8'), uid, mode & 0o777]).toEqual(['of root alone', 0, 0o600]);
        const left = argv[0] === 'rotate' ? ['before'] : [];
        expect(
          readdirSync(join(eves, 'app2')).map((name) => readFileSync(join(eves, 'app2', name), 'utf8')),
        ).toEqual(left);
      } finally {
        place.remove();
      }
    });
  },
);

/** A directory of the other user's, whose file `k` is to be replaced. */
function directoryOf(place: Workplace): string {
  const directory = join(place.root, 'app');
  mkdirSync(directory, { mode: 0o755 });
  writeFileSync(join(directory, 'k'), 'before', { mode: 0o644 });
  for (const path of [directory, join(directory, 'k')]) chownSync(path, EVE, EVE);
  return directory;
}

/** @returns how often the other user has put something in the place of what the program had made */
async function meetEve(
  scene: (place: Workplace) => { readonly directory: string; readonly argv: readonly string[] },
): Promise<number> {
  let moved = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const place = settled.place.copy();
    try {
      chmodSync(place.root, 0o711);
      const victims = makeVictims(place.root, 0);
      const { directory, argv } = scene(place);
      const before = victims.state();
      const eve = await startEve(place, directory, victims, round);
      const { exitCode, stderr } = await traced(place, argv, SLOW, { cwd: directory });
      moved += await eve.stop();
      expect(victims.state()).toEqual(before);
      expect([argv, exitCode, stderr]).toEqual([
        argv,
        expect.toBeOneOf([0, 4, 5, 6, 7, 8]),
        expect.not.stringMatching(/^\s+at /m),
      ]);
    } finally {
      place.remove();
    }
  }
  return moved;
}

async function startEve(place: Workplace, directory: string, victims: Victims, round: number) {
  const log = join(place.root, 'eve');
  writeFileSync(log, '0');
  chownSync(log, EVE, EVE);
  const as = [`--reuid=${EVE}`, `--regid=${EVE}`, '--clear-groups'];
  const argv = [
    LOOP,
    directory,
    victims.file,
    victims.directory,
    log,
    `${MOMENTS[round % MOMENTS.length]}`,
    String(round),
  ];
  const eve = spawn('setpriv', [...as, process.execPath, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(eve.stdout, 'data');
  return {
    async stop(): Promise<number> {
      eve.kill('SIGKILL');
      await once(eve, 'close');
      return Number(readFileSync(log, 'utf8'));
    },
  };
}
