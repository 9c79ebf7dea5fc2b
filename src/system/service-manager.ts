import { spawn } from 'node:child_process';
import { findProgram } from './program/find-program.js';

/** A state of this process, for the service manager (`sd_notify(3)`). */
export type ServiceState = 'READY=1' | 'STOPPING=1';

/** The service manager that has started this process. */
export interface ServiceManager {
  /**
   * Tells it a state.
   *
   * @returns why that failed; null when it was told, and when there is no service manager that asks for it
   */
  tell(state: ServiceState): Promise<string | null>;
}

/** The sender of datagrams: Node.js has no datagram sockets of `AF_UNIX`. */
const PROGRAM = 'systemd-notify';

/** Time limit of the program in milliseconds; it waits until the service manager has received the message. */
const TIMEOUT_MS = 5_000;

/** The service manager at `NOTIFY_SOCKET`, which is told by `systemd-notify(1)`. */
export function serviceManager(env: Readonly<Record<string, string | undefined>>): ServiceManager {
  const address = env['NOTIFY_SOCKET'] ?? '';
  return {
    async tell(state) {
      if (address === '') return null;
      const found = findProgram(PROGRAM, env);
      if (!('path' in found)) return `the program ${PROGRAM} is not installed`;
      return ending(found.path, state, address);
    },
  };
}

/** Runs the program with nothing of the environment but the address. */
async function ending(path: string, state: ServiceState, address: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(path, [state], {
      env: { NOTIFY_SOCKET: address },
      stdio: 'ignore',
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    child.once('error', () => resolve(`${PROGRAM} cannot be started`));
    child.once('exit', (code, signal) =>
      resolve(code === 0 ? null : `${PROGRAM} ended with ${signal ?? code}`),
    );
  });
}
