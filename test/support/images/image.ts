import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { PROJECT } from '../program/real-program.js';
import { lastWords, type Stage, stagesOf, valuesSet } from './dockerfile.js';
import { type Machine, startMachine } from './machine.js';

/** An image, as far as a copy of this machine can be one. */
export interface Image {
  readonly machine: Machine;
  readonly stage: Stage;
  /** The environment of a container, with what the base image has. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The numeric user, who is the group as well. */
  readonly id: number;
  /** What a container starts without a command of its own. */
  readonly command: readonly string[];
}

/** Where npm of the build is one that does not ask the registry. */
const STAND_INS = '/stand-ins';

const MODULES = join(PROJECT, 'node_modules');

/** What npm would install beside the package. */
const DEPENDENCIES = ['better-sqlite3', '@napi-rs/keyring', 'bindings', 'file-uri-to-path'];

/**
 * npm that takes what is installed here in the place of what it would fetch and compile: `npm ci` checks the lock file
 * as ever, `npm install` unpacks the tarball that it is given. All else is npm itself.
 */
const NPM = (npm: string): string => `#!/bin/sh
set -e
case $1 in
  ci)
    shift
    '${npm}' ci --dry-run --offline "$@" >/dev/null
    ln -s '${MODULES}' node_modules
    ;;
  install)
    while [ $# -gt 0 ]; do
      case $1 in --prefix) shift; prefix=$1 ;; -*|install) ;; *) tarball=$1 ;; esac
      shift
    done
    package=$prefix/lib/node_modules/credctl
    mkdir -p "$package/node_modules/@napi-rs" "$prefix/bin"
    tar -xzf "$tarball" -C "$package" --strip-components=1
    for name in ${DEPENDENCIES.join(' ')}; do cp -rL "${MODULES}/$name" "$package/node_modules/$name"; done
    chmod +x "$package/bin/credctl.js"
    ln -s ../lib/node_modules/credctl/bin/credctl.js "$prefix/bin/credctl"
    ;;
  *) exec '${npm}' "$@" ;;
esac
`;

/** Builds the Dockerfile of a directory: each stage on a copy of this machine, in the place of its base image. */
export async function buildImage(context: string): Promise<Image & { stop(): Promise<void> }> {
  const machines = new Map<string | null, Machine>();
  const stop = async (): Promise<void> => {
    for (const machine of machines.values()) await machine.stop();
  };
  try {
    let image: Image | null = null;
    for (const stage of stagesOf(readFileSync(join(context, 'Dockerfile'), 'utf8'))) {
      const machine = await startMachine();
      machines.set(stage.name, machine);
      image = await buildStage(context, stage, machine, machines);
    }
    if (image === null) throw new Error('the Dockerfile has no stage');
    return { ...image, stop };
  } catch (fault) {
    await stop();
    throw fault;
  }
}

async function buildStage(
  context: string,
  stage: Stage,
  machine: Machine,
  others: ReadonlyMap<string | null, Machine>,
): Promise<Image> {
  mkdirSync(join(machine.files, STAND_INS));
  const npm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
  writeFileSync(join(machine.files, STAND_INS, 'npm'), NPM(npm), { mode: 0o755 });
  const node = dirname(process.execPath);
  const env = { PATH: `${STAND_INS}:${node}:${process.env['PATH']}`, HOME: '/root' };
  let cwd = '/';
  for (const step of stage.steps) {
    if (step.keyword === 'WORKDIR') cwd = join(cwd, step.text);
    mkdirSync(join(machine.files, cwd), { recursive: true });
    if (step.keyword === 'RUN') await machine.sh(step.text, { cwd, env });
    const source = step.from === null ? context : others.get(step.from)?.files;
    if (step.keyword === 'COPY')
      copy(step.words, source ?? 'no such stage', join(machine.files, cwd), machine.files);
  }
  const [id = ''] = lastWords(stage, 'USER')[0]?.split(':') ?? [];
  return {
    machine,
    stage,
    cwd,
    id: Number(id),
    env: { PATH: `/usr/local/bin:${node}:/usr/bin:/bin`, ...valuesSet(stage, 'ENV') },
    command: [...lastWords(stage, 'ENTRYPOINT'), ...lastWords(stage, 'CMD')],
  };
}

/** As COPY does: of a directory its content, with modes and links. */
function copy(words: readonly string[], from: string, cwd: string, root: string): void {
  const target = words.at(-1) ?? '';
  const to = isAbsolute(target) ? join(root, target) : join(cwd, target);
  for (const word of words.slice(0, -1)) {
    const source = join(from, word);
    const place = target.endsWith('/') ? join(to, basename(source)) : to;
    mkdirSync(dirname(place), { recursive: true });
    execFileSync('cp', ['-r', '-T', '--preserve=mode', source, place]);
  }
}
