import { processMark, type TemporaryKind } from '../../../src/files/leftovers.js';

const [SPACE = '', PID = '', STARTED = ''] = processMark().split('-');

/** More than the kernel gives out. */
const NO_PID = 4_194_305;

/** Marks of left-overs: of this process. */
export const OWN = `${SPACE}-${PID}-${STARTED}`;
/** Of a process that has ended. */
export const ENDED = `${SPACE}-${NO_PID}-${STARTED}`;
/** Of a process that had this one's id before it. */
export const REUSED = `${SPACE}-${PID}-${Number(STARTED) - 1}`;
/** Of a process with this one's id and start in another PID namespace. */
export const FOREIGN = `${SPACE === '0123456789' ? 'abcdefabcd' : '0123456789'}-${PID}-${STARTED}`;

/** The name of what a process leaves beside a file when it is killed. */
export function leftoverName(of: string, mark: string, kind: TemporaryKind, suffix = ''): string {
  return `.${of}.credctl-${mark}-0123456789ab.${kind}${suffix}`;
}
