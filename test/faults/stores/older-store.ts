import { afterAll, beforeAll, beforeEach } from 'vitest';
import { mustSucceed, type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { credctl } from '../../support/program/real-program.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';
import { type NextVersion, nextVersion } from '../../support/stores/next-version.js';

/** The next version of the program, and a store that this one has made. */
export interface OlderStore {
  readonly next: NextVersion;
  /** A new copy in each test. */
  readonly place: Workplace;
  /** One more copy, which the caller removes. */
  copy(): Workplace;
}

/** Prepares them for the tests of a file, and removes them afterwards. */
export function useOlderStore(): OlderStore {
  let next: NextVersion;
  let settled: Settled;
  let place: Workplace;

  beforeAll(async () => {
    next = await nextVersion();
    settled = await settle(MEMORY);
    mustSucceed(await credctl(settled.place, ['owner', 'create', 'team', '--kind', 'service']));
  });

  afterAll(() => {
    next.remove();
    settled.place.remove();
  });

  beforeEach(() => {
    place = settled.place.copy();
    return () => place.remove();
  });

  return {
    get next() {
      return next;
    },
    get place() {
      return place;
    },
    copy: () => settled.place.copy(),
  };
}
