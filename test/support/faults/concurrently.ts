/** As many processes at a time as keep two processors busy without starving anyone. */
export const CONCURRENCY = 4;

/**
 * Runs `work` for every item, some at a time, and answers with the results in the order of the items. After a failure
 * nothing more is begun, and what has begun is waited for.
 */
export async function concurrently<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
  concurrency = CONCURRENCY,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failures.length > 0) return;
      try {
        results[index] = await work(item, index);
      } catch (fault) {
        failures.push(fault);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}

/** The numbers from 0 to `count` − 1. */
export function times(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
