import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { Random } from '../domain/ports.js';

/** The operating system's generator. */
export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
  uuid: (now) => v7({ msecs: now, random: randomBytes(16) }),
};
