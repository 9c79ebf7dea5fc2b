import { setTimeout as pause } from 'node:timers/promises';

/** Long enough for a machine that has much else to do, and short enough to say what did not happen. */
const PATIENCE_MS = 120_000;
const GLANCE_MS = 20;

/** Waits until a condition holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`it did not happen: ${condition}`);
    await pause(GLANCE_MS);
  }
}
