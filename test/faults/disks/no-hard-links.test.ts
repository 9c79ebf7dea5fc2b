import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { NO_LINKS, traced } from '../../support/faults/faulty-calls.js';
import type { Ended } from '../../support/program/real-program.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';
import { faultsIn, onlySecretIn, probing, verdictOn } from '../../support/stores/store-probe.js';

async function inPlace(work: (place: Workplace) => Promise<void>): Promise<void> {
  const place = makeWorkplace();
  try {
    await work(place);
  } finally {
    place.remove();
  }
}

function create(place: Workplace, name: string): Promise<Ended> {
  const argv = ['create', name, '--type', 'api-key', '--scope', 'data:conversations'];
  return traced(place, argv, NO_LINKS, { log: '/dev/null' });
}

describe('where files cannot be linked', () => {
  it('the first command makes the store all the same', () =>
    inPlace(async (place) => {
      const { stdout } = await create(place, 'first');
      await probing(place, async (probe) => {
        expect(await verdictOn(probe, onlySecretIn(stdout))).toBe('valid');
        expect(await faultsIn(probe)).toEqual([]);
      });
      expect(readdirSync(place.storeDirectory)).toEqual(['credctl.db']);
    }));

  it('several first commands at once lose nothing that one of them has handed over', () =>
    inPlace(async (place) => {
      const ended = await concurrently(times(4), (n) => create(place, `bot-${n}`));
      const succeeded = ended.filter(({ exitCode }) => exitCode === 0);
      expect(succeeded.length).toBeGreaterThan(0);
      await probing(place, async (probe) => {
        for (const { stdout } of succeeded)
          expect(await verdictOn(probe, onlySecretIn(stdout))).toBe('valid');
      });
    }));

  it('a file that has the name already is not touched', () =>
    inPlace(async (place) => {
      mkdirSync(place.storeDirectory, { mode: 0o700 });
      writeFileSync(join(place.storeDirectory, 'credctl.db'), '', { mode: 0o600 });
      expect(await create(place, 'first')).toMatchObject({ exitCode: 8, stdout: '' });
      expect(readdirSync(place.storeDirectory)).toEqual(['credctl.db']);
    }));
});
