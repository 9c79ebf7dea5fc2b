import { afterAll, beforeAll, describe, it } from 'vitest';
import { faultNumber } from '../../support/faults/fault-numbers.js';
import {
  DESTINATIONS,
  OPERATIONS,
  planOf,
  type Settled,
  settle,
} from '../../support/faults/interrupted-delivery.js';
import { killDeliveries } from '../../support/faults/killed-deliveries.js';
import { MEMORY } from '../../support/program/workplace.js';

const KILLS = faultNumber(80);

describe('kill -9 at a random moment of a delivery to the keychain', () => {
  let settled: Settled;

  beforeAll(async () => {
    settled = await settle(MEMORY);
  });

  afterAll(() => settled.place.remove());

  it.each(OPERATIONS)(`locks nobody out: %s, ${KILLS} times over its whole run`, (operation) =>
    killDeliveries({
      settled,
      kills: KILLS,
      hits: Math.floor(KILLS / 80),
      // So that it is for each type and format.
      retryEvery: 5,
      planFor(n) {
        const destination = DESTINATIONS.find(({ name }) => name === 'the keychain');
        if (destination === undefined) throw new Error('there is no such destination');
        return planOf(operation, destination, n);
      },
    }),
  );
});
