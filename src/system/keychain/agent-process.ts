import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** The process that talks to the keychain, with the lines that it answers. */
export interface Agent {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
  readonly reader: Interface;
}

type AgentEnvironment = Readonly<Record<string, string | undefined>>;

/** Starts the agent. */
export function startAgent(program: string, env: AgentEnvironment): Agent {
  const child = spawn(process.execPath, [program], {
    env: agentEnvironment(env),
    stdio: ['pipe', 'pipe', 'ignore'],
    // Ctrl-C at the terminal is for us: what was saved must still be taken back.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  child.stdin.on('error', () => {});
  child.on('error', () => {});
  const reader = createInterface({ input: child.stdout });
  return { child, lines: reader[Symbol.asyncIterator](), reader };
}

/** Options of Node that are meant for us would only delay it, or make it print. */
function agentEnvironment(env: AgentEnvironment): NodeJS.ProcessEnv {
  const { NODE_OPTIONS, NODE_EXTRA_CA_CERTS, ...rest } = env;
  return rest;
}
