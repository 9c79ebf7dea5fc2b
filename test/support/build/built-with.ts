import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT } from '../program/real-program.js';
import type { NodeRelease } from './node-releases.js';

const run = promisify(execFile);

/** What the program is built from, and what the package holds besides. */
const CHECKOUT = [
  ...['bin', 'scripts', 'src', 'package.json', 'rolldown.config.mjs', 'tsconfig.json', 'tsconfig.types.json'],
  ...['man', 'CHANGELOG.md', 'LICENSE', 'README.md'],
];

/** Where a program is, and from where the library can be imported. */
export interface Installation {
  readonly directory: string;
  readonly program: string;
}

/** A copy of the checkout that a release of Node.js has built. @returns what the build had to say */
export async function builtWith({ node, dependencies }: NodeRelease, checkout: string): Promise<string> {
  await mkdir(checkout, { recursive: true });
  for (const name of CHECKOUT) await cp(join(PROJECT, name), join(checkout, name), { recursive: true });
  const modules = join(checkout, 'node_modules');
  await mkdir(modules);
  const own = await readdir(dependencies);
  const tools = (await readdir(join(PROJECT, 'node_modules'))).filter((name) => !own.includes(name));
  for (const [from, names] of [
    [dependencies, own],
    [join(PROJECT, 'node_modules'), tools],
  ] as const) {
    for (const name of names) await symlink(join(from, name), join(modules, name));
  }
  const { stderr } = await run(node, ['scripts/build.mjs'], { cwd: checkout });
  return stderr;
}

/** What is in a checkout, and is not of it. */
const MADE = /(?:^|\/)(?:node_modules|dist|dist\.tmp-[^/]*|\.git|coverage|results)$/;

/**
 * Runs the unit tests in a checkout that {@link builtWith} has made, with the release of Node.js that built it.
 *
 * @returns what the tests had to say, empty when all passed
 */
export async function unitTestFailures({ node }: NodeRelease, checkout: string): Promise<string> {
  await cp(PROJECT, checkout, {
    recursive: true,
    filter: (path) => !MADE.test(path.slice(PROJECT.length)),
  });
  const vitest = join(checkout, 'node_modules', 'vitest', 'vitest.mjs');
  const env = { PATH: process.env['PATH'], HOME: checkout, CI: 'true' };
  const options = { cwd: checkout, env, maxBuffer: 2 ** 26 };
  return run(node, [vitest, 'run', '--project', 'unit'], options).then(
    () => '',
    ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stderr}${stdout.slice(-5_000)}`,
  );
}

/** The digest of each file in dist/ that is published, in one text. */
export async function contentOf(checkout: string): Promise<string> {
  const dist = join(checkout, 'dist');
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const names = files.map((file) => file.slice(dist.length + 1));
  const lines = names.sort().map(async (name) => {
    const digest = createHash('sha256')
      .update(await readFile(join(dist, name)))
      .digest('hex');
    return `${digest} ${name}`;
  });
  return (await Promise.all(lines)).join('\n');
}

/** A built checkout after `npm rebuild` with the release that is to run it. */
export async function rebuiltFor(
  release: NodeRelease,
  checkout: string,
  directory: string,
): Promise<Installation> {
  await mkdir(directory, { recursive: true });
  for (const name of ['bin', 'dist', 'package.json']) {
    await cp(join(checkout, name), join(directory, name), { recursive: true });
  }
  await symlink(release.dependencies, join(directory, 'node_modules'));
  return { directory, program: join(directory, 'bin', 'credctl.js') };
}

/** Packs a built checkout. @returns the path of the package */
export async function packedFrom(checkout: string, directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', directory], {
    cwd: checkout,
  });
  const [name = ''] = await readdir(directory);
  return join(directory, name);
}

/** What `npm install` makes of a package, with the release that is to run it. */
export async function installedFor(
  release: NodeRelease,
  archive: string,
  directory: string,
): Promise<Installation> {
  const target = join(directory, 'node_modules', 'credctl');
  await mkdir(target, { recursive: true });
  await run('tar', ['-xzf', archive, '-C', target, '--strip-components=1']);
  for (const name of await readdir(release.dependencies)) {
    await symlink(join(release.dependencies, name), join(directory, 'node_modules', name));
  }
  await writeFile(join(directory, 'package.json'), '{}');
  return { directory, program: join(target, 'bin', 'credctl.js') };
}
