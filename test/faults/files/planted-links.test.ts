import { existsSync, lstatSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CredctlError } from '../../../src/domain/errors.js';
import { fileDestination } from '../../../src/system/destinations/file-destination.js';
import type { DeliveryStep } from '../../../src/usecases/dependencies.js';
import { rotate } from '../../../src/usecases/rotation/rotate.js';
import { type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { credctl } from '../../support/program/real-program.js';
import { MEMORY, makeWorkplace, type Workplace } from '../../support/program/workplace.js';
import { ENDED, FOREIGN, leftoverName, OWN } from '../../support/stores/leftover-names.js';
import { onlySecretIn, probing, verdictOn } from '../../support/stores/store-probe.js';

const UNTOUCHED = 'must stay as it is';

describe('a planted symbolic link leads no write to its victim', () => {
  let settled: Settled;
  let place: Workplace;
  let output: string;
  let victim: string;

  beforeAll(async () => {
    settled = await settle(MEMORY);
  });

  beforeEach(() => {
    place = settled.place.copy();
    output = place.output('secret');
    victim = place.output('victim');
    writeFileSync(victim, UNTOUCHED, { mode: 0o644 });
    return () => {
      expect(readFileSync(victim, 'utf8')).toBe(UNTOUCHED);
      expect(lstatSync(victim).mode & 0o777).toBe(0o644);
      place.remove();
    };
  });

  afterAll(() => settled.place.remove());

  it.each([[], ['--force']])('at the output, with %j', async (...force) => {
    symlinkSync(victim, output);
    const argv = ['rotate', 'resident-key', '--output', output, ...force];
    expect(await credctl(place, argv)).toMatchObject({ exitCode: 6 });
    expect(lstatSync(output).isSymbolicLink()).toBe(true);
  });

  it.each([[], ['--force']])('at the output, leading to nothing, with %j', async (...force) => {
    symlinkSync(place.output('nothing'), output);
    const argv = ['rotate', 'resident-key', '--output', output, ...force];
    expect(await credctl(place, argv)).toMatchObject({ exitCode: 6 });
    expect(existsSync(place.output('nothing'))).toBe(false);
  });

  it.each([ENDED, OWN, FOREIGN])('beside the output, named like a sibling of process %s', async (mark) => {
    writeFileSync(output, 'old', { mode: 0o600 });
    const sibling = place.output(leftoverName('secret', mark, 'tmp'));
    symlinkSync(victim, sibling);
    const argv = ['rotate', 'resident-key', '--output', output, '--force'];
    expect(await credctl(place, argv)).toMatchObject({ exitCode: 0 });
    const secret = onlySecretIn(readFileSync(output, 'utf8'));
    await probing(place, async (deps) => expect(await verdictOn(deps, secret)).toBe('valid'));
  });

  it.each(['committed', 'inserted', 'destination-ready'] as const)(
    'at the output, planted when a delivery has reached "%s"',
    async (step) => {
      await expect(rotateWhile(step, false)).rejects.toMatchObject({ code: 'undelivered' });
      expect(lstatSync(output).isSymbolicLink()).toBe(true);
      await probing(place, async ({ store }) => {
        const credential = await store.findCredential('resident-key');
        const revoked = credential?.versions.filter(({ revokedAt }) => revokedAt !== null) ?? [];
        expect(revoked.map(({ number }) => number)).toEqual([2]);
      });
    },
  );

  it('at the output, planted while it is being replaced: the link is refused or replaced, not followed', async () => {
    writeFileSync(output, 'old', { mode: 0o600 });
    const outcome = await rotateWhile('committed', true).then(
      () => 'replaced',
      (fault: unknown) => (fault instanceof CredctlError ? fault.code : 'unexpected'),
    );
    if (outcome !== 'replaced') {
      expect(outcome).toBe('undelivered');
      return;
    }
    expect(lstatSync(output).isFile()).toBe(true);
    const secret = onlySecretIn(readFileSync(output, 'utf8'));
    await probing(place, async (deps) => expect(await verdictOn(deps, secret)).toBe('valid'));
  });

  it('at the name of a store', async () => {
    for (const target of [victim, place.output('nothing')]) {
      rmSync(place.store, { force: true });
      symlinkSync(target, place.store);
      for (const argv of [['store', 'init'], ['list'], ['create', 'one', '--scope', 'data:conversations']]) {
        expect(await credctl(place, argv)).toMatchObject({ exitCode: 8 });
      }
      expect(existsSync(place.output('nothing'))).toBe(false);
    }
  });

  it.each(['-wal', '-shm', '-journal'])('at the name of a store with %s', async (suffix) => {
    for (const target of [victim, place.output('nothing')]) {
      rmSync(`${place.store}${suffix}`, { force: true });
      symlinkSync(target, `${place.store}${suffix}`);
      expect(await credctl(place, ['list'])).toMatchObject({ exitCode: 4 });
      expect(await credctl(place, ['rotate', 'resident-key'])).toMatchObject({ exitCode: 4 });
      expect(existsSync(place.output('nothing'))).toBe(false);
    }
  });

  it.each(['', '-wal', '-shm', '-journal'])(
    'named like the draft of a store%s, while another store is made',
    async (suffix) => {
      const other = makeWorkplace(MEMORY);
      try {
        const store = other.output('other.db');
        for (const mark of [ENDED, OWN, FOREIGN]) {
          symlinkSync(victim, other.output(leftoverName('other.db', mark, 'new', suffix)));
        }
        const ended = await credctl(other, ['store', 'init', '--hash', 'sha256', '--store', store]);
        expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
        expect(lstatSync(store).isFile()).toBe(true);
      } finally {
        other.remove();
      }
    },
  );

  /** Rotates to the output in this process and plants a link there at a step. */
  function rotateWhile(plantAt: DeliveryStep, force: boolean): Promise<unknown> {
    return probing(place, (probe) =>
      rotate(
        {
          ...probe,
          observe(step) {
            if (step !== plantAt) return;
            rmSync(output, { force: true });
            symlinkSync(victim, output);
          },
        },
        {
          reference: 'resident-key',
          supersede: { kind: 'grace', ms: 3_600_000 },
          ifOlderThan: null,
          destinations: [
            fileDestination({
              path: output,
              force,
              render: ({ secret }) => (secret.type === 'api-key' ? `${secret.apiKey}\n` : ''),
            }),
          ],
        },
      ),
    );
  }
});
