import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticates } from '../../../src/domain/credential/version.js';
import type { Dependencies } from '../../../src/usecases/dependencies.js';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { deliveryInTurn } from '../../support/faults/failing-delivery.js';
import { type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { withoutNotes } from '../../support/faults/notes.js';
import {
  FAILING_KEYCHAINS,
  type FailingKeychain,
  limitKeychain,
} from '../../support/keychain/failing-keychains.js';
import { openKeychain } from '../../support/keychain/fake-keychains.js';
import type { Misbehaviour } from '../../support/keychain/misbehaviour.js';
import type { FakeEntry, FakeSecretService } from '../../support/keychain/secret-service.js';
import { credctl, type Ended } from '../../support/program/real-program.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';
import { AFTER_LAPSE, faultsIn, probing, secretsIn, verdictOn } from '../../support/stores/store-probe.js';

let settled: Settled;

beforeAll(async () => {
  settled = await settle(MEMORY);
});

afterAll(() => settled.place.remove());

describe('a keychain that fails is exit 6, and nothing of the secret is left', () => {
  it.each(FAILING_KEYCHAINS)('$name, $times times', async (failing) => {
    const late = await concurrently(times(failing.times), (n) => attempt(failing, n), failing.concurrency);
    const count = late.filter((wasLate) => wasLate).length;
    if (!failing.failsLate) expect(count, 'there was no secret yet').toBe(0);
    // A machine that is busy may be too slow for one that hangs, and then it has failed before.
    else expect(count).toBeGreaterThanOrEqual(failing.hangs ? 1 : failing.times);
  });

  /** One delivery that fails; whether there was a secret by then. */
  async function attempt(failing: FailingKeychain, n: number): Promise<boolean> {
    const place = settled.place.copy();
    try {
      const keychain = failing.prepare(place);
      const { argv, isJson } = command(n);
      const ended = await failing.run(place, argv);
      expect(ended, ended.stderr).toMatchObject({ exitCode: 6, stdout: '' });
      checkExplanation(ended, isJson);
      await probing(place, async (probe) => {
        for (const offset of [0, AFTER_LAPSE]) {
          probe.setClock(offset);
          await checkStore(probe);
        }
        for (const { secret } of keychain?.entries ?? []) {
          expect(await verdictOn(probe, secret), 'what is left there is dead').not.toBe('valid');
        }
        expect(await faultsIn(probe)).toEqual([]);
      });
      checkNothingWritten(place);
      if (!failing.mayLeave) expect(keychain?.entries ?? []).toEqual([]);
      return keychain?.attempted.some((account) => !account.startsWith('preflight/')) ?? false;
    } finally {
      place.remove();
    }
  }
});

describe('what a keychain has saved without saying so is removed in the time that is left', () => {
  it('by one that hangs at writing, and by one that hangs at reading', async () => {
    const cases = (['hangs at writing', 'hangs at reading'] as const).flatMap((kind) => [kind, kind]);
    await concurrently(cases, async (misbehaviour, n) => {
      const { place, keychain } = keychainThat(misbehaviour, '24s');
      try {
        const ended = await credctl(place, command(n).argv);
        expect(ended.exitCode, ended.stderr).toBe(6);
        expect(ended.stderr).toContain('the keychain did not answer in time (24 s)');
        expect(keychain.attempted.filter((account) => !account.startsWith('preflight/'))).not.toEqual([]);
        expect(keychain.entries).toEqual([]);
      } finally {
        place.remove();
      }
    });
  });
});

describe('a keychain that is slow', () => {
  it('is waited for as long as the configuration says, not only as long as the bus does', async () => {
    const { place, keychain } = keychainThat('hangs at writing', '90s');
    const recover = ({ account }: FakeEntry): void => {
      if (account.startsWith('preflight/')) return;
      setTimeout(() => {
        keychain.misbehaviour = 'none';
      }, 3_000).unref();
    };
    keychain.onSaved = recover;
    try {
      const ended = await credctl(place, ['create', 'newcomer', '--scope', 'data:users', '--keychain', '-q']);
      expect(ended.exitCode, ended.stderr).toBe(0);
      expect(keychain.entries.map(({ secret }) => secret)).toEqual(secretsIn(ended.stdout));
    } finally {
      place.remove();
    }
  });
});

describe('a keychain that hangs', () => {
  it('is waited for once, before anything is rotated, however many secrets it should have taken', async () => {
    const { place, keychain } = keychainThat('hangs at connecting', '6s');
    try {
      for (const name of ['resident-key', 'resident-client']) {
        expect((await credctl(place, ['edit', name, '--rotate-every', '1d'])).exitCode).toBe(0);
      }
      const ended = await credctl(place, ['rotate', '--due', '--within', '2d', '--keychain', '--json']);
      expect(ended, ended.stderr).toMatchObject({ exitCode: 6 });
      expect(keychain.connections).toBeLessThanOrEqual(2);
      await probing(place, checkStore);
    } finally {
      place.remove();
    }
  });

  it('after the delivery does not undo it: the entry of the version before stays for the next rotation', async () => {
    const { place, keychain } = keychainThat('none', '90s');
    try {
      const argv = ['rotate', 'resident-key', '--keychain', '--no-print'];
      expect((await credctl(place, argv)).exitCode).toBe(0);
      keychain.misbehaviour = 'hangs at removing';
      keychain.when = 'delivery';
      limitKeychain(place, '6s');
      const ended = await credctl(place, [...argv, '--now']);
      expect(ended.exitCode, ended.stderr).toBe(0);
      expect(keychain.entries.map(({ account }) => account.split('/').at(-1))).toEqual(['2', '3']);
      keychain.misbehaviour = 'none';
      expect((await credctl(place, [...argv, '--now'])).exitCode).toBe(0);
      expect(keychain.entries.map(({ account }) => account.split('/').at(-1))).toEqual(['4']);
    } finally {
      place.remove();
    }
  });
});

function keychainThat(
  misbehaviour: Misbehaviour,
  timeout: string,
): { place: Workplace; keychain: FakeSecretService } {
  const place = settled.place.copy();
  limitKeychain(place, timeout);
  const keychain = openKeychain(place);
  keychain.misbehaviour = misbehaviour;
  keychain.when = 'delivery';
  return { place, keychain };
}

/** Creates and rotations take turns, as do types, formats and the places besides the keychain. */
function command(n: number): { argv: readonly string[]; isJson: boolean } {
  const besides = [[], ['--no-print'], ['--output', 'out/secret']][n % 3] ?? [];
  const isJson = n % 5 === 4;
  return { argv: [...deliveryInTurn(n), '--keychain', ...besides, ...(isJson ? ['--json'] : [])], isJson };
}

/** One line that says what is wrong, and one that says what to install, to start or to unlock. */
function checkExplanation({ stderr }: Ended, isJson: boolean): void {
  const hint = /install gnome-keyring|unlock/;
  if (isJson) {
    const { error } = JSON.parse(stderr);
    expect(error).toMatchObject({ code: 'undelivered', hint: expect.stringMatching(hint) });
    return;
  }
  expect(withoutNotes(stderr)).toMatch(/^credctl: (?:the|no) keychain [^\n]+\nhint: [^\n]+\n$/);
  expect(stderr).toMatch(hint);
}

async function checkStore(deps: Dependencies): Promise<void> {
  const now = deps.clock.now();
  for (const secret of Object.values(settled.secrets)) expect(await verdictOn(deps, secret)).toBe('valid');
  const { items } = await deps.store.listCredentials({ now, sort: 'name', limit: 10 });
  expect(items.map(({ name }) => name)).toEqual(['resident-client', 'resident-key']);
  const live = items.flatMap(({ versions }) => versions.filter((version) => authenticates(version, now)));
  expect(live).toMatchObject([
    { number: 1, retiresAt: null },
    { number: 1, retiresAt: null },
  ]);
}

/** No file holds a secret, and there is none where one was asked for. */
function checkNothingWritten(place: Workplace): void {
  expect(readdirSync(place.outputs)).toEqual([]);
  for (const name of readdirSync(place.root, { recursive: true, encoding: 'utf8' })) {
    const path = join(place.root, name);
    if (lstatSync(path).isFile()) expect(secretsIn(readFileSync(path, 'latin1')), name).toEqual([]);
  }
}
