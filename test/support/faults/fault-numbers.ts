const ASKED = process.env['TEST_FAULTS'] ?? 'a tenth';

/**
 * How often a fault is tried: a tenth of what is promised, one at least, so that a whole run takes minutes; as often as
 * is promised with `TEST_FAULTS=full`, as the gate has it; N times that with `TEST_FAULTS=N`, before a release.
 *
 * @param promised the number that the project promises
 * @param inGate the number of the gate, where that has not the time for all
 */
export function faultNumber(promised: number, inGate = promised): number {
  return Math.max(1, Math.ceil(ASKED === 'full' ? inGate : promised * factor()));
}

/**
 * Cases evenly spread over a list, its first and its last among them: a tenth of them, as {@link faultNumber} has it.
 *
 * @param least cases that are tried however few a tenth would be
 */
export function faultSample<Case>(cases: readonly Case[], least = 2): readonly Case[] {
  const count = Math.min(cases.length, Math.max(least, faultNumber(cases.length)));
  const last = cases.length - 1;
  return cases.filter((_, index) => {
    const isChosen = (at: number): boolean => Math.round((at * last) / Math.max(1, count - 1)) === index;
    return Array.from({ length: count }, (__, at) => at).some(isChosen);
  });
}

/** Whether everything is tried, as in the gate. */
export function isWholeRun(): boolean {
  return ASKED !== 'a tenth';
}

function factor(): number {
  if (ASKED === 'a tenth') return 0.1;
  if (/^[1-9]\d*$/.test(ASKED)) return Number(ASKED);
  throw new Error(`TEST_FAULTS is ${JSON.stringify(ASKED)}: it takes "full" or a number`);
}
