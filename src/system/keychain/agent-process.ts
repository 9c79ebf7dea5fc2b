import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** The agent process that accesses the keychain, with its answers as lines. */
export interface Agent {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
  readonly reader: Interface;
}

type AgentEnvironment = Readonly<Record<string, string | undefined>>;

/** Starts the agent process. */
export function startAgent(program: string, env: AgentEnvironment): Agent {
  const child = spawn(process.execPath, [program], {
    env: agentEnvironment(env),
    stdio: ['pipe', 'pipe', 'ignore'],
    // A process group of its own, as SIGINT from the terminal must not end it: a saved entry must still be
    // removable.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  child.stdin.on('error', () => {});
  child.on('error', () => {});
  const reader = createInterface({ input: child.stdout });
  return { child, lines: reader[Symbol.asyncIterator](), reader };
}

/** Node.js options of the parent would delay the agent or make it print. */
function agentEnvironment(env: AgentEnvironment): NodeJS.ProcessEnv {
  const { NODE_OPTIONS, NODE_EXTRA_CA_CERTS, ...rest } = env;
  return rest;
}
