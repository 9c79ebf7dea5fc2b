import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { findProgram } from '../../program/find-program.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** git could not do it; the message is its own. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed';

  /** Whether there is no repository. */
  get isNoRepository(): boolean {
    return this.message.startsWith('not a git repository');
  }
}

/**
 * Settings that outrank those of a repository, which could otherwise start programs: a monitor of files, hooks, a pager,
 * converters and viewers of differences, verification of signatures, the transports of a lazy fetch.
 */
const NOTHING_STARTS = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.pager=cat',
  'core.untrackedCache=false',
  'diff.external=',
  'diff.orderFile=/dev/null',
  'log.showSignature=false',
  'core.quotePath=false',
  'submodule.recurse=false',
  'protocol.allow=never',
];

/** Variables of git that would lead it elsewhere or make it start something; those that tell where an index is stay. */
const DROPPED =
  /^GIT_(?:EXTERNAL_DIFF|PAGER|TRACE.*|CONFIG_PARAMETERS|CONFIG_COUNT|CONFIG_KEY_.*|CONFIG_VALUE_.*)$/;

/** The installed git, kept from starting anything else, from asking, from writing, and from fetching what is missing. */
export class Git {
  readonly #path: string;
  readonly #env: Environment;
  readonly #settings: readonly string[];

  private constructor(path: string, env: Environment, settings: readonly string[] = NOTHING_STARTS) {
    this.#path = path;
    this.#settings = settings;
    this.#env = {
      ...Object.fromEntries(Object.entries(env).filter(([name]) => !DROPPED.test(name))),
      GIT_NO_LAZY_FETCH: '1',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_TERMINAL_PROMPT: '0',
      GIT_LITERAL_PATHSPECS: '1',
      LC_ALL: 'C',
    };
  }

  /** Null where there is no git. */
  static find(env: Environment): Git | null {
    const found = findProgram('git', env);
    return 'path' in found ? new Git(found.path, env) : null;
  }

  /** As in another repository: what the environment says of this one does not hold there. */
  elsewhere(): Git {
    const own = Object.entries(this.#env).filter(
      ([name]) =>
        !/^GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|COMMON_DIR|NAMESPACE)$/.test(name),
    );
    return new Git(this.#path, Object.fromEntries(own), this.#settings);
  }

  /** With the directory of hooks that the repository has, for commands that run none. */
  knowingHooks(): Git {
    const settings = this.#settings.filter((setting) => !setting.startsWith('core.hooksPath='));
    return new Git(this.#path, this.#env, settings);
  }

  /**
   * Starts a command whose output is read as it comes.
   *
   * @param input what it reads
   */
  start(
    directory: string | Buffer,
    args: readonly string[],
    input: string | null = null,
  ): ChildProcessWithoutNullStreams {
    const settings = this.#settings.flatMap((setting) => ['-c', setting]);
    const child = spawn(this.#path, [...settings, '--no-pager', ...args], {
      cwd: directory.toString(),
      env: this.#env,
    });
    // A pipe that git closes early is told by its exit status.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    return child;
  }

  /**
   * All that a command prints.
   *
   * @param input what it reads
   * @throws GitFailed
   */
  async output(
    directory: string | Buffer,
    args: readonly string[],
    input: string | null = null,
  ): Promise<Buffer> {
    const child = this.start(directory, args, input);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await ended(child);
    return Buffer.concat(chunks);
  }
}

/**
 * Waits for the end of a command.
 *
 * @throws GitFailed
 */
export function ended(child: ChildProcessWithoutNullStreams): Promise<void> {
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(0, 4_096);
  });
  return new Promise((resolve, reject) => {
    child.once('error', (fault) => reject(new GitFailed(`git cannot be started: ${fault.message}`)));
    child.once('close', (status, signal) => {
      if (status === 0) resolve();
      else reject(new GitFailed(firstLine(said) || `git ended with ${signal ?? status}`));
    });
  });
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n').filter((each) => each.trim() !== '');
  return line.replace(/^(?:fatal|error|warning): /, '');
}

/** The parts of an output that ends each with a zero byte. */
export function zeroSeparated(output: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (let end = output.indexOf(0); end !== -1; end = output.indexOf(0, from)) {
    parts.push(output.subarray(from, end));
    from = end + 1;
  }
  return parts;
}
