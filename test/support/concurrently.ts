/** As many processes at a time as keep two processors busy without starving anyone. */
export const CONCURRENCY = 4;

/** Runs `work` for every item, some at a time, and answers with the results in the order of the items. */
export async function concurrently<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
  concurrency = CONCURRENCY,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  return results;
}

/** The numbers from 0 to `count` − 1. */
export function times(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
