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

const KILLS = faultNumber(200);

describe('kill -9 at a random moment locks nobody out and leaves nothing live that nobody has', () => {
  let settled: Settled;

  beforeAll(async () => {
    settled = await settle();
  });

  afterAll(() => settled.place.remove());

  it.each(OPERATIONS)(
    `%s is killed ${KILLS} times over its whole run, before A, between A and B, and after B`,
    (operation) =>
      killDeliveries({
        settled,
        kills: KILLS,
        hits: Math.floor(KILLS / 40),
        // So that it is for each destination, type and format.
        retryEvery: 4,
        planFor(n) {
          const destination = DESTINATIONS[n % DESTINATIONS.length] ?? DESTINATIONS[0];
          if (destination === undefined) throw new Error('there is no destination');
          return planOf(operation, destination, Math.floor(n / DESTINATIONS.length));
        },
      }),
  );
});
