import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { hashSync } from 'bcryptjs';

/** A secret to hash, with the salt prefix of a stored bcrypt string (its first 29 characters). */
export interface HashRequest {
  readonly secret: string;
  readonly salt: string;
}

// On Linux the priority applies to this thread alone: the thread that answers requests has precedence.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

parentPort?.on('message', ({ secret, salt }: HashRequest) => parentPort?.postMessage(hashSync(secret, salt)));
