import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { faultSample } from '../../support/faults/fault-numbers.js';
import { mustSucceed, type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { type PrivateMount, privateMount } from '../../support/faults/private-mount.js';
import { type Ended, PROGRAM, runIn } from '../../support/program/real-program.js';
import { MEMORY, makeWorkplace, type Workplace } from '../../support/program/workplace.js';
import { forgetPlace } from '../../support/stores/forgotten-place.js';
import { AFTER_LAPSE, faultsIn, probing, secretsIn, verdictOn } from '../../support/stores/store-probe.js';

const CREATE = ['create', 'newcomer', '--type', 'api-key', '--scope', 'data:conversations'];
const ROTATE = ['rotate', 'resident-key'];
const LOOKING: readonly (readonly string[])[] = [
  ['list'],
  ['show', 'resident-key'],
  ['audit', 'verify'],
  ['verify'],
];
const CHANGING: readonly (readonly string[])[] = [
  CREATE,
  ROTATE,
  ['edit', 'resident-key', '--description', 'fuller than full'],
  ['delete', 'resident-client', '--yes'],
  ['verify', '--record-use'],
];

let settled: Settled;

beforeAll(async () => {
  settled = await settle(MEMORY);
});

afterAll(() => settled.place.remove());

/** A store on a disk of its own. */
interface StoreOnDisk {
  readonly disk: PrivateMount;
  credctl(argv: readonly string[]): Promise<Ended>;
  /** The store as it is now, copied to where it can be opened. */
  copy(): Workplace;
  remove(): void;
}

async function storeOnDisk(kilobytes: number): Promise<StoreOnDisk> {
  const disk = await privateMount(kilobytes);
  forgetPlace(settled.place.store);
  copyFileSync(settled.place.store, join(disk.view, 'credctl.db'));
  const home = makeWorkplace(MEMORY);
  return {
    disk,
    credctl(argv) {
      const store = ['--store', join(disk.directory, 'credctl.db')];
      const command = disk.inside([process.execPath, PROGRAM, ...argv, ...store]);
      return runIn(home, command, { input: settled.secrets['api-key'] });
    },
    copy() {
      const place = makeWorkplace(MEMORY);
      mkdirSync(place.storeDirectory, { mode: 0o700 });
      for (const file of readdirSync(disk.view).filter((name) => name.startsWith('credctl.db'))) {
        copyFileSync(join(disk.view, file), join(place.storeDirectory, file));
      }
      return place;
    },
    remove() {
      disk.remove();
      home.remove();
    },
  };
}

function checkExplained({ stdout, stderr }: Ended): void {
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^credctl: [^\n]+\nhint: [^\n]+\n$/);
}

/** The residents' secrets are good and the store is sound, now and ten minutes later. */
async function checkSound(store: StoreOnDisk, live: readonly string[]): Promise<void> {
  const place = store.copy();
  try {
    await probing(place, async (probe) => {
      for (const offset of [0, AFTER_LAPSE]) {
        probe.setClock(offset);
        expect(await faultsIn(probe)).toEqual([]);
        for (const secret of live) expect(await verdictOn(probe, secret)).toBe('valid');
      }
    });
  } finally {
    place.remove();
  }
}

describe('a read-only disk', () => {
  let store: StoreOnDisk;

  beforeEach(async () => {
    store = await storeOnDisk(1_024);
    store.disk.sh('mount -o remount,ro "$1"');
    return () => store.remove();
  });

  it('is exit 8 for every change, and the store is as it was', async () => {
    for (const argv of CHANGING) {
      const ended = await store.credctl(argv);
      expect(ended, `${argv.join(' ')}: ${ended.stderr}`).toMatchObject({ exitCode: 8 });
      checkExplained(ended);
    }
    for (const argv of LOOKING) expect((await store.credctl(argv)).exitCode).toBe(0);
    await checkSound(store, Object.values(settled.secrets));
  });
});

describe('a full disk', () => {
  it('is exit 8 for every change, and the store goes on once there is room again', async () => {
    const store = await storeOnDisk(512);
    try {
      store.disk.fill();
      for (const argv of CHANGING) {
        const ended = await store.credctl(argv);
        expect(ended, `${argv.join(' ')}: ${ended.stderr}`).toMatchObject({ exitCode: 8 });
        checkExplained(ended);
      }
      for (const argv of LOOKING) expect([0, 8]).toContain((await store.credctl(argv)).exitCode);
      await checkSound(store, Object.values(settled.secrets));
      store.disk.sh('rm "$1/filler"');
      for (const argv of CHANGING.slice(0, 3)) mustSucceed(await store.credctl(argv));
    } finally {
      store.remove();
    }
  });

  it('refuses to make a store, and leaves nothing of it', async () => {
    const store = await storeOnDisk(512);
    try {
      store.disk.sh('rm "$1/credctl.db"');
      store.disk.fill();
      const ended = await store.credctl(['store', 'init', '--hash', 'sha256']);
      expect(ended, ended.stderr).toMatchObject({ exitCode: 8 });
      checkExplained(ended);
      expect(readdirSync(store.disk.view)).toEqual(['filler']);
    } finally {
      store.remove();
    }
  });

  it.each([
    ['create', CREATE],
    ['rotate', ROTATE],
  ] as const)(
    'that fills up at any moment of a %s is exit 8, or 7 once the secret is out; no good secret is lost',
    async (_, argv) => {
      const room = faultSample(
        times(36).map((n) => n * 8),
        8,
      );
      const exitCodes = await concurrently(room, (kilobytes) => checkWithRoom(kilobytes, argv));
      expect(new Set(exitCodes), 'both with and without enough room').toContain(0);
      expect(new Set(exitCodes), 'both with and without enough room').toContain(8);
    },
  );

  /** Runs a command on a disk with so much room left, and checks what its exit code claims. */
  async function checkWithRoom(kilobytes: number, argv: readonly string[]): Promise<number | null> {
    const store = await storeOnDisk(512);
    try {
      store.disk.sh(
        `head -c ${kilobytes}k /dev/zero > "$1/room"; cat /dev/zero > "$1/filler" 2> /dev/null || true`,
      );
      store.disk.sh('rm "$1/room"');
      const ended = await store.credctl(argv);
      store.disk.sh('rm "$1/filler"');
      const received = secretsIn(ended.stdout);
      expect([0, 6, 7, 8], ended.stderr).toContain(ended.exitCode);
      const delivered = ended.exitCode === 0 || ended.exitCode === 7;
      expect(received.length, `exit ${ended.exitCode}: ${ended.stderr}`).toBe(delivered ? 1 : 0);
      await checkSound(store, [...Object.values(settled.secrets), ...received]);
      if (ended.exitCode === 7) mustSucceed(await store.credctl(['rotate', argv[1] ?? '', '--resume']));
      if (!delivered) mustSucceed(await store.credctl(argv));
      return ended.exitCode;
    } finally {
      store.remove();
    }
  }
});
