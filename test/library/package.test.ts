import { execFile } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { publint } from 'publint';
import { describe, expect, it, onTestFinished } from 'vitest';
import { installed, packed, temporaryDirectory } from '../support/build/packed.js';
import { POSTGRES_18 } from '../support/postgres/stores.js';
import { PROJECT } from '../support/program/real-program.js';

const run = promisify(execFile);
const BIN = join(PROJECT, 'node_modules', '.bin');

/** The URL of a database of its own. */
async function emptyDatabase(): Promise<string> {
  const database = await POSTGRES_18.database();
  onTestFinished(() => database.drop());
  return database.url;
}

describe('the package', () => {
  it('is in order for those who import it', async () => {
    const { messages } = await publint({ pkgDir: PROJECT, pack: 'npm', strict: true });
    expect(messages).toEqual([]);
  });

  it('has types that resolve for every way to import it', async () => {
    const { stdout } = await run(join(BIN, 'attw'), [
      await packed(),
      '--profile',
      'esm-only',
      '--format',
      'ascii',
    ]);
    expect(stdout.match(/node16 \(from ESM\): 🟢 \(ESM\)/gu)).toHaveLength(4);
    expect(stdout.match(/bundler: 🟢 $/gmu)).toHaveLength(4);
    expect(stdout.match(/node10: \(ignored\) 🟢 $/gmu)).toHaveLength(4);
  });

  it('exports files that are there', async () => {
    const directory = join(await installed(), 'node_modules', 'credctl');
    const { exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    const paths = Object.values(exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry as Record<string, string>),
    );
    expect(paths.length).toBeGreaterThan(2);
    expect(paths.filter((path) => !existsSync(join(directory, path)))).toEqual([]);
  });

  it('type-checks strictly in a project that knows nothing of ours', async () => {
    const directory = await installed();
    writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
    writeFileSync(
      join(directory, 'use.ts'),
      `import { administer, CredctlError, handTo, openStore, type Issued } from 'credctl';
      const store = await openStore('x.db', { create: { catalog: 'mparticle' } });
      const admin = administer(store, { actor: 'me@here' });
      const issued: Issued = await admin.create({ name: 'a', type: 'api-key', scopes: [] }, handTo(() => {}));
      const code: string = new CredctlError('usage', 'x').code;
      // @ts-expect-error a type that does not exist
      await admin.create({ name: 'a', type: 'password', scopes: [] }, handTo(() => {}));
      void [issued, code];`,
    );
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', ''];
    const checked = run(join(BIN, 'tsc'), [...flags, 'use.ts'], { cwd: directory });
    expect(await checked.catch(({ stdout }) => stdout)).toEqual({ stdout: '', stderr: '' });
  });
});

describe('npm, where better-sqlite3 can be neither fetched nor compiled', () => {
  /** What npm would fetch, as files: better-sqlite3 with its sources and its install script, and no addon. */
  async function packages(directory: string): Promise<Record<string, string>> {
    const copy = join(directory, 'sources');
    const build = join('better-sqlite3', 'build');
    const modules = join(PROJECT, 'node_modules');
    cpSync(join(modules, 'better-sqlite3'), copy, {
      recursive: true,
      filter: (path) => !path.includes(build),
    });
    const manifest = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8'));
    writeFileSync(join(copy, 'package.json'), JSON.stringify({ ...manifest, dependencies: {} }));
    for (const path of [copy, join(modules, '@napi-rs', 'keyring')])
      await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', directory, path]);
    const file = (start: string): string =>
      `file:${join(directory, readdirSync(directory).find((name) => name.startsWith(start) && name.endsWith('.tgz')) ?? '')}`;
    return { 'better-sqlite3': file('better-sqlite3-'), '@napi-rs/keyring': file('napi-rs-keyring-') };
  }

  it('installs the package nevertheless, and leaves that out', async () => {
    const [directory, sources] = [temporaryDirectory(), temporaryDirectory()];
    const manifest = {
      dependencies: { credctl: `file:${await packed()}` },
      overrides: await packages(sources),
    };
    writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest));
    const env = { ...process.env, CC: 'false', CXX: 'false' };
    const flags = ['--offline', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...flags], { cwd: directory, env });
    expect(readdirSync(join(directory, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      '@napi-rs',
      'credctl',
    ]);
  });
});

describe('importing the library', () => {
  it('loads nothing of the command line', async () => {
    const { metafile } = await build({
      entryPoints: [join(PROJECT, 'src/index.ts')],
      bundle: true,
      write: false,
      metafile: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      absWorkingDir: PROJECT,
      logLevel: 'silent',
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.length).toBeGreaterThan(20);
    expect(inputs.filter((path) => path.startsWith('src/cli/'))).toEqual([]);
    const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    expect(imported.filter((path) => /commander|inquirer|chalk|cli-table3/.test(path))).toEqual([]);
  });

  it.each([
    { engine: 'SQLite', place: async () => 'credctl.db' },
    { engine: 'PostgreSQL', place: emptyDatabase },
  ])('is enough to issue and to verify, in a store on $engine', async ({ place }) => {
    const directory = await installed();
    writeFileSync(
      join(directory, 'use.mjs'),
      `import { administer, createVerifier, handTo, openStore } from 'credctl';
      const reference = process.env.STORE;
      const store = await openStore(reference, { create: { hash: { scheme: 'sha256' } } });
      let key;
      await administer(store, { actor: 'me@here' }).create(
        { name: 'ci-bot', type: 'api-key', scopes: ['data:users'] },
        handTo(({ secret }) => { key = secret.apiKey; }),
      );
      await store.close();
      const verifier = createVerifier(reference);
      const answers = [await verifier.verify(key), await verifier.verify(key + 'x')];
      await verifier.close();
      process.stdout.write(JSON.stringify(answers.map(({ valid, reason, credential }) => reason ?? credential.name)));`,
    );
    const env = { PATH: process.env['PATH'], STORE: await place() };
    const { stdout, stderr } = await run(process.execPath, ['use.mjs'], { cwd: directory, env });
    expect([stdout, stderr]).toEqual(['["ci-bot","malformed"]', '']);
  });

  it('a program that does nothing but wait for a verification lives until that is done, and no longer', async () => {
    const directory = await installed();
    writeFileSync(
      join(directory, 'wait.mjs'),
      `import { administer, createVerifier, handTo, openStore } from 'credctl';
      const store = await openStore('credctl.db', { create: { hash: { scheme: 'bcrypt', cost: 8 } } });
      let key;
      const admin = administer(store, { actor: 'me@here' });
      await admin.create(
        { name: 'ci-bot', type: 'api-key', scopes: ['data:users'] },
        handTo(({ secret }) => { key = secret.apiKey; }),
      );
      const verifier = createVerifier('credctl.db');
      const { valid } = await verifier.verify(key);
      // Once the use is written, the thread that wrote it is idle.
      while ((await admin.show('ci-bot')).lastUsedAt === null) await new Promise((resolve) => setTimeout(resolve, 50));
      await store.close();
      const closing = createVerifier('credctl.db');
      const asked = closing.verify(key);
      await closing.close();
      process.stdout.write(JSON.stringify([valid, (await asked).valid]));`,
    );
    const env = { PATH: process.env['PATH'] };
    const { stdout, stderr } = await run(process.execPath, ['wait.mjs'], {
      cwd: directory,
      env,
      timeout: 60_000,
    });
    expect([stdout, stderr]).toEqual(['[true,true]', '']);
  });

  it('changes nothing in the process that imports it', async () => {
    const script = `
      const listeners = () => process.eventNames().map((name) => [String(name), process.listenerCount(name)]);
      const before = JSON.stringify([listeners(), process.umask(), process.env]);
      await import('credctl');
      process.stdout.write(String(JSON.stringify([listeners(), process.umask(), process.env]) === before));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: await installed(),
    });
    expect(stdout).toBe('true');
  });
});
