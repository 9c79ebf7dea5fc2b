import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { hashSync } from 'bcryptjs';

/** What is to be hashed, and with which salt and cost: the first 29 characters of a stored bcrypt string. */
export interface HashRequest {
  readonly secret: string;
  readonly salt: string;
}

// On Linux this is about the one thread: whoever answers requests comes before those that hash.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

parentPort?.on('message', ({ secret, salt }: HashRequest) => parentPort?.postMessage(hashSync(secret, salt)));
