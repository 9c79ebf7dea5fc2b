import { once } from 'node:events';
import { execa } from 'execa';
import type { Session } from '../program/run.js';

/** How a step of a job ended, as GitHub's runner sees it. */
export interface Step {
  readonly exitCode: number;
  /** What the job's log shows: both streams, without workflow commands, with `***` for what is masked. */
  readonly log: string;
  /** What the step wrote, line by line, before the runner looked at it. */
  readonly raw: { readonly stdout: string; readonly stderr: string };
  readonly outputs: Readonly<Record<string, string>>;
}

/** A job whose steps share environment and masks. */
export interface Job {
  readonly env: Readonly<Record<string, string>>;
  /** Runs the `run` text of a step the way the runner does: bash -e, both streams as pipes. */
  step(run: string, env?: Readonly<Record<string, string>>): Promise<Step>;
}

/** Begins a job in a session's workspace. */
export function beginJob(session: Session): Job {
  const { workspace } = session;
  const variables: Record<string, string> = {};
  const masks: string[] = [];
  let number = 0;
  return {
    env: variables,
    async step(run, env = {}) {
      number += 1;
      const script = `step${number}.sh`;
      const [environment, output] = [`env${number}`, `output${number}`];
      await workspace.write(script, run);
      for (const file of [environment, output]) await workspace.write(file, '');
      const log: string[] = [];
      const raw = { stdout: '', stderr: '' };
      const subprocess = execa('bash', ['-e', script], {
        cwd: workspace.directory,
        env: {
          ...workspace.env,
          ...variables,
          ...env,
          CI: 'true',
          GITHUB_ACTIONS: 'true',
          GITHUB_ENV: workspace.path(environment),
          GITHUB_OUTPUT: workspace.path(output),
        },
        extendEnv: false,
        stdin: 'ignore',
        reject: false,
      });
      for (const stream of ['stdout', 'stderr'] as const) {
        let rest = '';
        subprocess[stream].setEncoding('utf8').on('data', (piece: string) => {
          raw[stream] += piece;
          const lines = `${rest}${piece}`.split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) take(line, masks, log);
        });
        subprocess[stream].on('end', () => rest !== '' && take(rest, masks, log));
      }
      const [code] = await once(subprocess, 'close');
      Object.assign(variables, readFileCommands(await workspace.read(environment)));
      return {
        exitCode: Number(code),
        log: log.join('\n'),
        raw,
        outputs: readFileCommands(await workspace.read(output)),
      };
    },
  };
}

/** A line of either stream: a workflow command, or something for the log. */
function take(line: string, masks: string[], log: string[]): void {
  const command = /^\s*::([a-z-]+)(?: [^:]*)?::(.*)$/.exec(line);
  if (command?.[1] === 'add-mask') masks.push(command[2] ?? '');
  else if (command !== null) throw new Error(`a workflow command that nobody meant: ${command[1]}`);
  else log.push(masks.reduce((text, mask) => text.replaceAll(mask, '***'), line));
}

/** What stands in the file behind GITHUB_ENV or GITHUB_OUTPUT: lines `NAME=VALUE`, and `NAME<<END` to a line `END`. */
export function readFileCommands(text: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  const lines = text.split('\n').values();
  for (const line of lines) {
    if (line === '') continue;
    const [equals, heredoc] = [line.indexOf('='), line.indexOf('<<')];
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      values[line.slice(0, equals)] = line.slice(equals + 1);
    } else if (heredoc >= 0) {
      values[line.slice(0, heredoc)] = linesUntil(line.slice(heredoc + 2), lines).join('\n');
    } else {
      throw new Error(`Invalid format ${JSON.stringify(line)}`);
    }
  }
  return values;
}

function linesUntil(end: string, lines: Iterator<string>): readonly string[] {
  const taken: string[] = [];
  for (let next = lines.next(); next.done !== true; next = lines.next()) {
    if (next.value === end) return taken;
    taken.push(next.value);
  }
  throw new Error(`Matching delimiter not found ${JSON.stringify(end)}`);
}
