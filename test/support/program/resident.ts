import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MEMORY } from './workplace.js';

const PROGRAM = fileURLToPath(new URL('resident-process.cjs', import.meta.url));

export interface ResidentCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What standard input holds. */
  readonly input: string | Uint8Array;
}

export interface ResidentOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The exit status, 128 and the number of the signal that ended the process, or what went wrong in it. */
type Answer = { readonly exitCode: number } | { readonly fault: string };

interface Resident {
  readonly child: ChildProcess;
  /** Where the standard streams of its commands are. */
  readonly directory: string;
  /** Told of the answer to the command that runs; null while none does. */
  answered: ((answer: Answer) => void) | null;
}

/** A test that gives more commands than that at once has processes of their own for the rest. */
const MOST = 16;

/** So many stay while no command runs. */
const KEPT = 4;

const residents = new Set<Resident>();

/** Where the streams of all of them are, or were. */
const directories: string[] = [];

process.once('exit', () => {
  for (const { child } of residents) child.kill();
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** What has its effect before the program runs. */
const BEFORE_THE_PROGRAM = ['LD_PRELOAD', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS'];

/** Whether a command with these variables needs no process of its own. */
export function isResidentFit(env: Readonly<Record<string, string | undefined>>): boolean {
  return BEFORE_THE_PROGRAM.every((name) => env[name] === undefined);
}

/**
 * Runs a command in a process that has run others: a tenth of the time that a process of its own takes. For tests that
 * are about what a command does, not about how its process begins and ends. Commands that are given at the same time run
 * in as many processes.
 *
 * @returns null where all of them are busy
 */
export async function runResident({
  argv,
  cwd,
  env,
  input,
}: ResidentCommand): Promise<ResidentOutcome | null> {
  const current = [...residents].find(isIdle) ?? start();
  if (current === null) return null;
  const answer = new Promise<Answer>((resolve) => {
    current.answered = resolve;
  });
  const [stdin, stdout, stderr] = streamsIn(current.directory);
  writeFileSync(stdin, input);
  for (const path of [stdout, stderr]) writeFileSync(path, '');
  current.child.send({ argv, cwd, env, stdin, stdout, stderr });
  const answered = await answer;
  current.answered = null;
  const written = { stdout: readFileSync(stdout, 'utf8'), stderr: readFileSync(stderr, 'utf8') };
  if ([...residents].filter(isIdle).length > KEPT) dismiss(current);
  if ('fault' in answered) throw new Error(`credctl ${argv.join(' ')}: ${answered.fault}`);
  return { exitCode: answered.exitCode, ...written };
}

function isIdle({ answered }: Resident): boolean {
  return answered === null;
}

function dismiss(dismissed: Resident): void {
  residents.delete(dismissed);
  dismissed.child.kill();
}

function streamsIn(directory: string): readonly [stdin: string, stdout: string, stderr: string] {
  return [join(directory, 'in'), join(directory, 'out'), join(directory, 'err')];
}

/** Null where there are too many. */
function start(): Resident | null {
  if (residents.size === MOST) return null;
  const directory = mkdtempSync(join(MEMORY, 'credctl-resident-'));
  const child = fork(PROGRAM, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [], env: {} });
  const started: Resident = { child, directory, answered: null };
  residents.add(started);
  directories.push(directory);
  child.unref();
  child.channel?.unref();
  child.on('message', (answer: Answer) => started.answered?.(answer));
  child.on('exit', (code, signal) => {
    residents.delete(started);
    started.answered?.(
      signal === null
        ? { fault: `its process ended with ${code}` }
        : { exitCode: 128 + constants.signals[signal] },
    );
  });
  return started;
}
