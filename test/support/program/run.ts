import { constants } from 'node:os';
import { execa } from 'execa';
import { expect, onTestFinished } from 'vitest';
import type { z } from 'zod';
import { withoutNotes } from '../faults/notes.js';
import { isResidentFit, runResident } from './resident.js';
import { createWorkspace, type Workspace, type WorkspaceOptions } from './workspace.js';

/** How a command ended. */
export interface Finished {
  /** 128 and the signal's number for a command that a signal ended, as a shell says it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a refused command said. */
export interface Refused extends Finished {
  readonly message: string;
  readonly hint: string | null;
}

export interface RunOptions {
  /** Nothing at all without. */
  readonly stdin?: string | Uint8Array;
  /** Added to the workspace's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether the command has a process of its own, for tests in which others look at that. */
  readonly ownProcess?: boolean;
}

/** A workspace in which one test runs the real program. */
export interface Session {
  readonly workspace: Workspace;
  /** Runs credctl. */
  run(args: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Runs a line of POSIX shell, with credctl on its path. */
  sh(script: string, options?: RunOptions): Promise<Finished>;
  /** Runs credctl, which must succeed; its standard output. */
  ok(...args: readonly string[]): Promise<string>;
  /** Runs credctl, which must be refused with the exit code, in the form of every error. */
  refused(exitCode: number, args: readonly string[], options?: RunOptions): Promise<Refused>;
  /** Runs credctl with `--json`, which must succeed silently; the document. */
  json<T extends z.ZodType>(shape: T, ...args: readonly string[]): Promise<z.output<T>>;
  /** Creates an API key for data:users; the secret. */
  issue(name: string, ...flags: readonly string[]): Promise<string>;
}

/** Opens a session that is cleared away when the test has finished. */
export async function openSession(options: WorkspaceOptions = {}): Promise<Session> {
  const workspace = await createWorkspace(options);
  onTestFinished(() => workspace.remove());
  return sessionIn(workspace);
}

/** A session in a workspace that the caller removes. */
export function sessionIn(workspace: Workspace): Session {
  const session: Session = {
    workspace,
    run: (args, runOptions = {}) => credctl(workspace, args, runOptions),
    sh: (script, runOptions = {}) => finish(workspace, 'sh', ['-c', script], runOptions),
    async ok(...args) {
      const { exitCode, stdout, stderr } = await session.run(args);
      expect(exitCode, stderr).toBe(0);
      return stdout;
    },
    async refused(exitCode, args, runOptions) {
      const finished = await session.run(args, runOptions);
      expect(finished.exitCode, finished.stderr).toBe(exitCode);
      return { ...finished, ...parseErrorText(withoutNotes(finished.stderr)) };
    },
    async json(shape, ...args) {
      const { exitCode, stdout, stderr } = await session.run([...args, '--json']);
      expect(stderr).toBe('');
      expect(exitCode).toBe(0);
      return readDocument(shape, stdout);
    },
    async issue(name, ...flags) {
      const line = await session.ok(
        'create',
        name,
        '--type',
        'api-key',
        '--scope',
        'data:users',
        '-q',
        ...flags,
      );
      return line.trimEnd();
    },
  };
  return session;
}

/** Takes apart what stderr says of a failure: one line with the fact, at most one more with a hint. */
export function parseErrorText(stderr: string): { readonly message: string; readonly hint: string | null } {
  const match = /^credctl: ([^\n]+)\n(?:hint: ([^\n]+)\n)?$/.exec(stderr);
  expect(match, `the form of an error: ${JSON.stringify(stderr)}`).not.toBeNull();
  return { message: match?.[1] ?? '', hint: match?.[2] ?? null };
}

/** Reads the one JSON document that a stream must hold, in exactly the given shape. */
export function readDocument<T extends z.ZodType>(shape: T, text: string): z.output<T> {
  expect(text.endsWith('\n'), `ends with a newline: ${JSON.stringify(text)}`).toBe(true);
  expect(text.split('\n'), 'one line').toHaveLength(2);
  return shape.parse(JSON.parse(text));
}

/** In a resident program where one is free, otherwise in a process of its own. */
async function credctl(
  workspace: Workspace,
  argv: readonly string[],
  options: RunOptions,
): Promise<Finished> {
  if (
    process.env['CREDCTL_UNDER_TEST'] === undefined &&
    !options.ownProcess &&
    isResidentFit(options.env ?? {})
  ) {
    const env = Object.fromEntries(
      Object.entries({ ...workspace.env, ...options.env }).filter(([, value]) => value !== undefined),
    ) as Record<string, string>;
    const outcome = await runResident({ argv, cwd: workspace.directory, env, input: options.stdin ?? '' });
    if (outcome !== null) return outcome;
  }
  return finish(workspace, 'credctl', argv, options);
}

/** Starts credctl in a process of its own, without input, for tests that act while it runs. */
export function startIn({ workspace }: Pick<Session, 'workspace'>, argv: readonly string[]) {
  return execa('credctl', argv, {
    cwd: workspace.directory,
    env: workspace.env,
    extendEnv: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    reject: false,
  });
}

async function finish(
  workspace: Workspace,
  command: string,
  args: readonly string[],
  { stdin, env = {} }: RunOptions,
): Promise<Finished> {
  const result = await execa(command, args, {
    cwd: workspace.directory,
    env: { ...workspace.env, ...env },
    extendEnv: false,
    ...(stdin === undefined ? { stdin: 'ignore' } : { input: stdin }),
    stripFinalNewline: false,
    reject: false,
  });
  const { exitCode, signal, stdout, stderr } = result;
  if (exitCode === undefined && signal === undefined) throw result;
  return { exitCode: exitCode ?? 128 + constants.signals[signal ?? 'SIGKILL'], stdout, stderr };
}
