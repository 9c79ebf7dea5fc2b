import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Installation } from '../build/built-with.js';
import { type Ended, runIn } from './real-program.js';
import { makeWorkplace, type Workplace } from './workplace.js';

/** A command, in a workplace that has seen the ones before it. */
export interface Command {
  readonly argv: readonly string[];
  /** The file that goes into standard input. */
  readonly input?: string;
  /** 0 when left out. */
  readonly exitCode?: number;
}

const KEY = ['--type', 'api-key', '--scope', 'data:users'];

/** What people do most: whatever starts with a file of its own, and what takes the others. */
export const USUAL_COMMANDS: readonly Command[] = [
  { argv: ['--help'] },
  { argv: ['rotate', '--help'] },
  { argv: ['create', 'bot', ...KEY, '--output', 'bot.key'] },
  { argv: ['list'] },
  { argv: ['show', 'bot', '--json'] },
  { argv: ['rotate', 'bot', '--now', '--output', 'bot.key', '--force'] },
  { argv: ['audit', 'verify'] },
  { argv: ['completion', 'bash'] },
  { argv: ['__complete', '--', 'show', 'b'] },
];

/** The others, after those. No keychain can be reached. */
export const OTHER_COMMANDS: readonly Command[] = [
  { argv: ['--version'] },
  { argv: ['verify', '--scope', 'data:users'], input: 'bot.key' },
  { argv: ['verify', '--scope', 'data:conversations'], input: 'bot.key', exitCode: 4 },
  { argv: ['lsit'], exitCode: 2 },
  { argv: ['list', '--json', '--sort', 'created'] },
  { argv: ['create', 'app', '--scope', 'data:users', '--', 'sh', '-c', 'cat > app.txt'] },
  { argv: ['edit', 'bot', '--rotate-every', '90d'] },
  { argv: ['rotate', '--due', '--dry-run'] },
  { argv: ['rotate', 'app', '--grace', '1h', '--output', 'app.env', '--format', 'dotenv'] },
  { argv: ['rotate', 'app', '--finish'] },
  { argv: ['deactivate', 'bot'] },
  { argv: ['activate', 'bot'] },
  { argv: ['owner', 'create', 'ci', '--kind', 'service'] },
  { argv: ['owner', 'list'] },
  { argv: ['catalog', 'show'] },
  { argv: ['catalog', 'presets'] },
  { argv: ['audit', 'list'] },
  { argv: ['audit', 'export'] },
  { argv: ['store', 'info'] },
  { argv: ['store', 'check'] },
  { argv: ['store', 'set', '--hash', 'sha256'] },
  { argv: ['store', 'migrate'] },
  { argv: ['store', 'backup', 'backup.db'] },
  { argv: ['store', 'restore', 'backup.db', '--force', '--yes'] },
  { argv: ['store', 'copy', '--to', 'copy.db'] },
  { argv: ['keychain', 'list'], exitCode: 6 },
  { argv: ['run', 'bot', '--', 'true'], exitCode: 3 },
  { argv: ['create', 'kept', ...KEY, '--keychain'], exitCode: 6 },
  { argv: ['completion', 'zsh'] },
  { argv: ['completion', 'fish'] },
  { argv: ['delete', 'app', '--yes'] },
];

/** Runs commands one after the other. @returns those that did not end as they should, with what they said */
export async function failuresOf(
  node: string,
  { program }: Installation,
  place: Workplace,
  commands: readonly Command[],
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const { argv, input, exitCode = 0 } of commands) {
    const text = input === undefined ? '' : readFileSync(join(place.root, input), 'utf8');
    const ended = await runIn(place, [node, program, ...argv], { input: text });
    if (ended.exitCode !== exitCode || /should not have|Warning/.test(ended.stderr)) {
      failures.push(`${argv.join(' ')}: ${told(ended)}`);
    }
  }
  return failures;
}

/** How a process ended and what it said. */
export function told({ exitCode, signal, stderr }: Ended): string {
  return `${exitCode ?? signal} ${stderr}`.trim();
}

/** Does the same with a server: it starts, is ready, and ends when it is told to. */
export async function serverFailures(
  node: string,
  { program }: Installation,
  place: Workplace,
): Promise<readonly string[]> {
  const server = spawn(node, [program, 'serve', '--port', '0'], { env: place.env, cwd: place.root });
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const closed = once(server, 'close');
  const [url] = await Promise.race([once(server.stdout, 'data'), closed.then(() => [null])]);
  if (url === null) return ['the server has ended'];
  const { status } = await fetch(`${String(url).trim()}/readyz`);
  server.kill('SIGTERM');
  const [exitCode] = await closed;
  const isWell = status === 200 && exitCode === 0 && !said.includes('Warning');
  return isWell ? [] : [`the server: ${status}, exit ${exitCode}: ${said}`];
}

/** Does the same with the library: it verifies what the commands have issued, and issues. */
export async function libraryFailures(
  node: string,
  { directory }: Installation,
  place: Workplace,
  key: string,
): Promise<readonly string[]> {
  const script = join(directory, 'use.mjs');
  writeFileSync(
    script,
    `import { administer, createVerifier, handTo, openStore } from 'credctl';
    import { readFileSync } from 'node:fs';
    const [, , path, file] = process.argv;
    const verifier = createVerifier(path);
    const { valid } = await verifier.verify(readFileSync(file, 'utf8').trim());
    await verifier.close();
    const store = await openStore(path);
    let issued = null;
    await administer(store, { actor: 'me@here' }).create(
      { name: 'of-the-library', type: 'api-key', scopes: ['data:users'] },
      handTo(({ secret }) => { issued = secret.apiKey; }),
    );
    await store.close();
    process.exitCode = valid && issued !== null ? 0 : 1;`,
  );
  const ended = await runIn(place, [node, script, place.store, join(place.root, key)]);
  return ended.exitCode === 0 && ended.stderr === '' ? [] : [`the library: ${told(ended)}`];
}

/** Runs `work` in a workplace of its own. */
export async function inWorkplace<T>(work: (place: Workplace) => Promise<T>): Promise<T> {
  const place = makeWorkplace();
  try {
    return await work(place);
  } finally {
    place.remove();
  }
}
