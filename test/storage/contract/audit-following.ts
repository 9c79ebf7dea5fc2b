import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../../src/domain/ports/store-port.js';
import type { Engine } from '../../support/stores/stores.js';
import { exported, someEvents } from './audit.js';
import { opened } from './opened.js';

function numbers(events: readonly RecordedEvent[]): readonly number[] {
  return events.map(({ event }) => event.seq);
}

export function auditFollowingContract(engine: Engine): void {
  describe('the audit trail from a number on', () => {
    it('is exported after any event, and what follows hashes on from it', async () => {
      const { store } = await opened(engine);
      await someEvents(store);
      const all = await exported(store);
      for (const after of [0, 1, 7, 13, 14, 1_000_000]) {
        const rest: RecordedEvent[] = [];
        for await (const batch of store.exportAudit(after)) rest.push(...batch);
        expect(rest).toEqual(all.filter(({ event }) => event.seq > after));
      }
    });

    it('is exported after an event also when thousands follow', async () => {
      const { store } = await opened(engine);
      await someEvents(store, 2_500);
      const seen: number[] = [];
      for await (const batch of store.exportAudit(3)) seen.push(...numbers(batch));
      expect(seen).toEqual(Array.from({ length: 2_498 }, (_, index) => index + 4));
    });

    it('is read a thousand at a time, that event included', async () => {
      const { store } = await opened(engine);
      await someEvents(store, 1_100);
      expect(numbers(await store.auditFrom(1))).toEqual(
        Array.from({ length: 1_000 }, (_, index) => index + 1),
      );
      expect(numbers(await store.auditFrom(1_100))).toEqual([1_100, 1_101]);
      expect(await store.auditFrom(1_102)).toEqual([]);
    });

    it('shows each time what another process has committed meanwhile, and nothing that it has not', async () => {
      const fresh = await opened(engine);
      const other = await fresh.connect();
      try {
        expect(numbers(await fresh.store.auditFrom(1))).toEqual([1]);
        await other.write(async () => {
          expect(numbers(await fresh.store.auditFrom(1))).toEqual([1]);
        });
        await someEvents(other, 2);
        expect(numbers(await fresh.store.auditFrom(1))).toEqual([1, 2, 3]);
        expect(await fresh.store.auditFrom(1)).toEqual(await exported(other));
      } finally {
        await other.close();
      }
    });
  });
}
