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

function factor(): number {
  if (ASKED === 'a tenth') return 0.1;
  if (/^[1-9]\d*$/.test(ASKED)) return Number(ASKED);
  throw new Error(`TEST_FAULTS is ${JSON.stringify(ASKED)}: it takes "full" or a number`);
}
