import { describe, expect, it } from 'vitest';
import { systemProcesses } from '../../../src/system/processes.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import type { Engine } from '../../support/stores/stores.js';
import { UNDELIVERED } from '../fixtures.js';
import { BOT } from './check.js';
import { issued } from './issued.js';
import { opened } from './opened.js';

/** What the check of a store says of deliveries that another process may have in hand. */
export function checkLeaseContract(engine: Engine): void {
  describe('a check of a delivery that is not over', () => {
    it('names the lease of a process that it cannot see, and the flag without which its advice would be refused', async () => {
      const { store } = await opened(engine);
      const delivery = {
        process: { host: 'pod-1', boot: 'b', namespace: 'pid:[1]', pid: 1, started: '7' },
        deliverBy: START + 1,
      };
      await issued(store, BOT, [{ ...UNDELIVERED, delivery }]);
      const [held] = await store.check(START);
      expect(held?.message).toContain(
        `process 1 on pod-1, which this machine cannot see, may still be delivering it until ${new Date(START + 1).toISOString()}`,
      );
      expect(held?.fix).toMatch(/^wait until then; .*--resume --take-over .*--abort --take-over if not$/);
      const [over] = await store.check(START + 1);
      expect([over?.message, over?.fix].join()).not.toMatch(/until|take-over/);
    });

    it('notes a delivery that goes on, and advises no step that would be refused', async () => {
      const { store } = await opened(engine);
      const delivery = { process: systemProcesses().self(), deliverBy: START };
      await issued(store, BOT, [{ ...UNDELIVERED, delivery }]);
      const found = await store.check(START + 1);
      expect(found.map(({ check, severity }) => [check, severity])).toEqual([['deliveries', 'note']]);
      expect(found[0]?.message).toContain(`is being delivered by process ${process.pid}`);
      expect(found[0]?.fix).not.toContain('credctl');
    });
  });
}
