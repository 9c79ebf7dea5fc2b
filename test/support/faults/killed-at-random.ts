import { credctl, type Ended } from '../program/real-program.js';
import type { Workplace } from '../program/workplace.js';
import { concurrently, times } from './concurrently.js';

/** How long a run takes while others run beside it, in milliseconds: the longest of a few. */
export async function measureRun(run: () => Promise<unknown>): Promise<number> {
  const lengths = await concurrently(times(12), async () => {
    const startedAt = performance.now();
    await run();
    return performance.now() - startedAt;
  });
  return Math.max(...lengths);
}

/** Moments from the start of a run to its end: as many as `count`, random, but evenly spread. */
export function spreadOver(length: number, count: number): readonly number[] {
  return times(count).map((n) => ((n + Math.random()) / count) * length);
}

/** Runs the real program and kills it after `delay` milliseconds, unless it has ended by then or `delay` is null. */
export async function credctlKilledAfter(
  place: Workplace,
  argv: readonly string[],
  delay: number | null,
): Promise<Ended> {
  if (delay === null) return credctl(place, argv);
  let timer: NodeJS.Timeout | undefined;
  const ended = await credctl(place, argv, {
    onStart(child) {
      timer = setTimeout(() => child.kill('SIGKILL'), delay);
    },
  });
  clearTimeout(timer);
  return ended;
}
