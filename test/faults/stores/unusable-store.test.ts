import { chmodSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { withoutNotes } from '../../support/faults/notes.js';
import { credctl, type Ended, PROGRAM, runIn } from '../../support/program/real-program.js';
import { unprivileged } from '../../support/program/unprivileged.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';
import { snapshot } from '../../support/stores/directory-snapshot.js';
import { overwrite, SPOILED_STORES } from '../../support/stores/spoiled-stores.js';
import { probing, secretsIn, verdictOn } from '../../support/stores/store-probe.js';

const CREATE = ['create', 'newcomer', '--type', 'api-key', '--scope', 'data:conversations'];
const LOOKING: readonly (readonly string[])[] = [
  ['list'],
  ['show', 'resident-key'],
  ['audit', 'verify'],
  ['store', 'check'],
  ['verify'],
];
const CHANGING: readonly (readonly string[])[] = [
  CREATE,
  ['rotate', 'resident-key'],
  ['delete', 'resident-client', '--yes'],
  ['verify', '--record-use'],
];

let settled: Settled;

beforeAll(async () => {
  settled = await settle(MEMORY);
});

afterAll(() => settled.place.remove());

/** Runs a command; `verify` is given a good secret. */
function run(place: Workplace, argv: readonly string[]): Promise<Ended> {
  return credctl(place, argv, { input: settled.secrets['api-key'] });
}

async function withCopy(work: (place: Workplace) => Promise<void>): Promise<void> {
  const place = settled.place.copy();
  try {
    await work(place);
  } finally {
    chmodSync(place.storeDirectory, 0o700);
    place.remove();
  }
}

/** Everything but the two files, empty of data, that SQLite leaves beside a database that it could not close well. */
function storeAndRest({ root }: Workplace): Readonly<Record<string, string>> {
  const isLeft = ([path, facts]: readonly [string, string]): boolean =>
    path.endsWith('.db-shm') || (path.endsWith('.db-wal') && / 0 e3b0c442/.test(facts));
  return Object.fromEntries(Object.entries(snapshot(root)).filter((entry) => !isLeft(entry)));
}

/** One line that says what is wrong, one that says what to do; never a stack trace. */
function checkExplained({ stdout, stderr }: Ended): void {
  expect(stdout).toBe('');
  expect(withoutNotes(stderr)).toMatch(/^credctl: [^\n]+\nhint: [^\n]+\n$/);
  expect(stderr).not.toContain('unexpected error');
}

describe('a store that cannot be used is refused by every command and left exactly as it is', () => {
  it.each(SPOILED_STORES)('$name: exit $exitCode', async ({ exitCode, spoil, hintRepairs }) => {
    await withCopy(async (place) => {
      spoil(place);
      const before = storeAndRest(place);
      const commands = [...LOOKING, ...CHANGING, ['store', 'init', '--hash', 'sha256']];
      const hints = await concurrently(commands, async (argv) => {
        const ended = await run(place, argv);
        expect(ended, `${argv.join(' ')}: ${ended.stderr}`).toMatchObject({ exitCode });
        checkExplained(ended);
        return ended.stderr;
      });
      expect(storeAndRest(place)).toEqual(before);
      if (hintRepairs !== true) return;
      const repair = /(?:run|or): (.+)\n$/.exec(hints[0] ?? '')?.[1] ?? '';
      expect(await runIn(place, ['sh', '-c', repair])).toMatchObject({ exitCode: 0 });
      expect(await run(place, ['list'])).toMatchObject({ exitCode: 0 });
    });
  });
});

describe('a store with a page of random bytes', () => {
  it('is found out by store check, and harms no other command beyond exit 9, whichever page it is', async () => {
    const pages = statSync(settled.place.store).size / 4_096;
    await concurrently(times(pages - 1), (n) =>
      withCopy(async (place) => {
        overwrite(place.store, (n + 1) * 4_096, 4_096);
        const before = storeAndRest(place);
        expect(await run(place, ['store', 'check'])).toMatchObject({ exitCode: 9 });
        const looking = await run(place, LOOKING[n % 3] ?? ['list']);
        expect([0, 9], looking.stderr).toContain(looking.exitCode);
        if (looking.exitCode === 9) checkExplained(looking);
        expect(storeAndRest(place)).toEqual(before);
        const argv = CHANGING[n % CHANGING.length] ?? CREATE;
        const changing = await run(place, argv);
        expect([0, 9], `${argv.join(' ')}: ${changing.stderr}`).toContain(changing.exitCode);
        if (changing.exitCode !== 9) return;
        checkExplained(changing);
        expect(storeAndRest(place)).toEqual(before);
      }),
    );
  });
});

describe('a store whose permissions refuse its own user', () => {
  it.each([
    ['a file that nobody may read', 'store', 0o000],
    ['a file that may only be written', 'store', 0o200],
    ['a directory that may not be entered', 'storeDirectory', 0o600],
  ] as const)('%s: exit 4', async (_, what, mode) => {
    await withCopy(async (place) => {
      chmodSync(place[what], mode);
      for (const argv of [...LOOKING, ...CHANGING]) {
        const ended = await withoutPrivileges(place, argv);
        expect(ended, `${argv.join(' ')}: ${ended.stderr}`).toMatchObject({ exitCode: 4 });
        checkExplained(ended);
      }
    });
  });

  it('a file that may only be read: what changes it is exit 8, and works again once the mode is back', async () => {
    await withCopy(async (place) => {
      chmodSync(place.store, 0o400);
      const before = storeAndRest(place);
      for (const argv of LOOKING) {
        const ended = await withoutPrivileges(place, argv);
        expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
      }
      for (const argv of CHANGING) {
        const ended = await withoutPrivileges(place, argv);
        expect(ended, `${argv.join(' ')}: ${ended.stderr}`).toMatchObject({ exitCode: 8 });
        checkExplained(ended);
      }
      expect(storeAndRest(place)).toEqual(before);
      chmodSync(place.store, 0o600);
      const ended = await withoutPrivileges(place, CREATE);
      expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
      const [secret = ''] = secretsIn(ended.stdout);
      await probing(place, async (probe) => expect(await verdictOn(probe, secret)).toBe('valid'));
    });
  });

  function withoutPrivileges(place: Workplace, argv: readonly string[]): Promise<Ended> {
    const command = unprivileged([process.execPath, PROGRAM, ...argv]);
    return runIn(place, command, { input: settled.secrets['api-key'] });
  }
});
