import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, type Format } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { installed } from '../support/build/packed.js';
import { PROJECT } from '../support/program/real-program.js';

const run = promisify(execFile);

const PROGRAM = `
  import { administer, createVerifier, handTo, openStore } from 'credctl';
  import { requireCredential } from 'credctl/fetch';
  async function main() {
    const store = await openStore('bundled.db', { create: { hash: { scheme: 'bcrypt', cost: 4 } } });
    let key;
    const admin = administer(store, { actor: 'me@here' });
    await admin.create(
      { name: 'ci-bot', type: 'api-key', scopes: ['data:users'] },
      handTo(({ secret }) => { key = secret.apiKey; }),
    );
    const verifier = createVerifier('bundled.db', { onFault: (fault) => { throw fault; } });
    const guard = requireCredential(verifier);
    const { credential } = await guard(new Request('http://x', { headers: { 'x-api-key': key } }));
    // The thread that writes uses is in a file of its own.
    while ((await admin.show('ci-bot')).lastUsedAt === null) await new Promise((resolve) => setTimeout(resolve, 50));
    await verifier.close();
    await store.close();
    process.stdout.write(credential.name);
  }
  main().catch((fault) => {
    process.stdout.write(JSON.stringify([fault.name, fault.code, fault.message, fault.hint]));
  });
`;

/** Opens a store, which needs no thread, and prints how many addons of better-sqlite3 the process has. */
const OPENING = `
  import { openStore } from 'credctl';
  async function main() {
    const store = await openStore('bundled.db', { create: {} });
    await store.close();
    const { sharedObjects } = process.report.getReport();
    process.stdout.write(String(sharedObjects.filter((path) => path.endsWith('better_sqlite3.node')).length));
  }
  main();
`;

async function bundleAndRun(
  format: Format,
  external: readonly string[],
  program = PROGRAM,
): Promise<{ out: string; directory: string }> {
  const directory = await installed();
  writeFileSync(join(directory, 'main.mjs'), program);
  const outfile = join(directory, 'out', format === 'cjs' ? 'bundle.cjs' : 'bundle.mjs');
  await build({
    entryPoints: [join(directory, 'main.mjs')],
    bundle: true,
    platform: 'node',
    format,
    external: [...external],
    outfile,
    absWorkingDir: directory,
    logLevel: 'silent',
  });
  const { stdout } = await run(process.execPath, [outfile], { cwd: directory, timeout: 60_000 });
  return { out: stdout, directory };
}

describe.each<Format>(['esm', 'cjs'])('a program bundled as %s', (format) => {
  it('works where the library is not in the bundle', async () => {
    expect((await bundleAndRun(format, ['credctl'])).out).toBe('ci-bot');
  });

  it('finds better-sqlite3 beside it where the library is in it, and is not told to leave that out', async () => {
    expect((await bundleAndRun(format, ['@napi-rs/keyring'], OPENING)).out).toBe('1');
  });

  it('is told which file is missing where it is', async () => {
    const { out, directory } = await bundleAndRun(format, ['better-sqlite3', '@napi-rs/keyring']);
    const missing = format === 'cjs' ? 'writer-thread.mjs' : join(directory, 'out', 'writer-thread.mjs');
    expect(JSON.parse(out)).toEqual([
      'CredctlError',
      'unexpected',
      `a file of credctl is missing: ${missing}`,
      expect.stringContaining('--external:credctl'),
    ]);
  });
});

describe('the library', () => {
  it('loads better-sqlite3 in the form that tracers of files understand, such as that of Next.js', () => {
    const dist = join(PROJECT, 'dist');
    const loading = readdirSync(dist)
      .filter((name) => name.endsWith('.mjs'))
      .map((name) => readFileSync(join(dist, name), 'utf8'))
      .filter((text) => text.includes('("better-sqlite3")'));
    expect(loading).toHaveLength(2);
    for (const text of loading) {
      expect(text).toMatch(/\bconst require = createRequire\(import\.meta\.url\);/);
      expect(text).toMatch(/\brequire\("better-sqlite3"\)/);
    }
  });
});

describe('another runtime than Node.js', () => {
  it.each(['bun', 'deno'])('%s is told what it can have in place of a store in a file', async (runtime) => {
    const directory = await installed();
    writeFileSync(
      join(directory, 'use.mjs'),
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, ${runtime}: '1.0.0' } });
      process.dlopen = () => { throw new TypeError('this runtime has no such addons'); };
      const { openStore } = await import('credctl');
      const fault = await openStore('x.db', { create: {} }).then(() => null, (fault) => fault);
      process.stdout.write(JSON.stringify([fault?.code, fault?.message, fault?.hint]));`,
    );
    const { stdout } = await run(process.execPath, ['use.mjs'], { cwd: directory });
    expect(JSON.parse(stdout)).toEqual([
      'store_unavailable',
      expect.stringMatching(/^a store in a file needs Node\.js: (Bun|Deno) cannot load the SQLite addon$/),
      expect.stringMatching(/PostgreSQL.*credctl serve/),
    ]);
  });
});
