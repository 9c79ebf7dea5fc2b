/** What becomes of a search. */
export interface SearchEnd<R> {
  readonly found: (text: string, result: R) => void;
  readonly failed: (fault: unknown) => void;
}

/**
 * Runs one search at a time: while it runs, the text typed last waits and takes the place of those typed before it. Keys
 * that have arrived are taken in before each search, and whenever the search asks whether it is stale.
 *
 * @returns asks for a text
 */
export function latestOnly<R>(
  search: (text: string, isStale: () => Promise<boolean>) => Promise<R>,
  { found, failed }: SearchEnd<R>,
): (text: string) => void {
  let wanted: string | null = null;
  let isRunning = false;
  const run = async (): Promise<void> => {
    while (wanted !== null) {
      const text: string = wanted;
      const isStale = async (): Promise<boolean> => {
        await keysTakenIn();
        return wanted !== text;
      };
      if (await isStale()) continue;
      const result = await search(text, isStale);
      if (wanted !== text) continue;
      wanted = null;
      found(text, result);
    }
  };
  return (text) => {
    wanted = text;
    if (isRunning) return;
    isRunning = true;
    run()
      .catch(failed)
      .finally(() => {
        isRunning = false;
      });
  };
}

/** Input is read in the poll phase, which comes between two turns of the check phase. */
async function keysTakenIn(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
