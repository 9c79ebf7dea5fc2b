import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { importsIn } from './support/build/imports.js';
import { type Source, sourcesIn, withoutComments } from './support/build/sources.js';
import { PROJECT } from './support/program/real-program.js';

/** What a part of src/ may import besides itself: parts, or single modules of them. */
interface Rule {
  readonly parts: readonly string[];
  /** Names of packages. */
  readonly libraries: readonly string[];
  readonly builtins: boolean;
}

/** Comes with Node.js, from 22.16 on as storage needs it, and belongs to a room as other drivers do. */
const NODE_SQLITE = 'node:sqlite';

/** The prompts of inquirer, and the parts that they are made of. */
const PROMPTS = ['@inquirer/prompts', '@inquirer/core', '@inquirer/ansi'];

const RULES: Readonly<Record<string, Rule>> = {
  domain: { parts: [], libraries: [], builtins: false },
  files: { parts: ['domain/errors.ts'], libraries: [], builtins: true },
  usecases: { parts: ['domain'], libraries: [], builtins: false },
  storage: {
    parts: ['domain', 'files'],
    libraries: ['better-sqlite3', NODE_SQLITE, 'pg', '@streamparser/json'],
    builtins: true,
  },
  system: {
    parts: ['domain', 'files'],
    libraries: ['bcryptjs', '@napi-rs/keyring', 'picomatch', 'smol-toml'],
    builtins: true,
  },
  http: {
    parts: ['usecases', 'domain'],
    libraries: ['fastify', 'prom-client'],
    builtins: true,
  },
  cli: {
    parts: ['usecases', 'domain'],
    libraries: [...['commander', 'chalk', 'cli-table3', 'yaml', 'zod'], ...PROMPTS],
    builtins: true,
  },
  'cli/host': {
    parts: ['usecases', 'domain', 'files', 'storage', 'system', 'http'],
    libraries: [],
    builtins: true,
  },
  library: {
    parts: ['domain', 'files', 'usecases', 'storage', 'system', 'http'],
    libraries: ['zod'],
    builtins: true,
  },
  'index.ts': {
    parts: ['domain', 'usecases', 'storage', 'system', 'http', 'library'],
    libraries: [],
    builtins: false,
  },
};

describe('who imports whom', async () => {
  const sources = await sourcesIn('src');

  it('is as the architecture says, type imports included', () => {
    expect(sources.flatMap(forbiddenImports)).toEqual([]);
  });

  it('connects to SQLite in one place, which chooses the library and says what is wrong with the addon', () => {
    const importing = sources.filter(({ text }) => /^import (?!type\b).* from 'better-sqlite3'/m.test(text));
    expect(importing).toEqual([]);
    const naming = (text: RegExp) =>
      sources.filter((source) => text.test(withoutComments(source.text))).map(({ path }) => path);
    expect(naming(/\('better-sqlite3'[,)]/)).toEqual(['src/storage/sqlite/driver/better-sqlite3.ts']);
    expect(naming(/\bbetterSqlite\(\)(?!:)/)).toEqual(['src/storage/sqlite/connection.ts']);
    expect(naming(/\bnew NodeDatabase\b/)).toEqual(['src/storage/sqlite/connection.ts']);
    expect(naming(/\(['"](?:node:)?sqlite['"]\)|from ['"](?:node:)?sqlite['"]/)).toEqual([
      'src/storage/sqlite/driver/node-sqlite.ts',
    ]);
  });

  it('is read completely: the bundler finds no import that this test overlooks', async () => {
    const found = await importsOfBundler(sources.map(({ path }) => path));
    const read = new Set(
      sources.flatMap((source) => importsIn(source).map((name) => `${source.path} → ${name}`)),
    );
    expect(found.size).toBeGreaterThan(100);
    expect([...found].filter((edge) => !read.has(edge))).toEqual([]);
  });

  it('allows no library that the package does not depend on', async () => {
    const { dependencies, optionalDependencies, devDependencies } = JSON.parse(
      await readFile(join(PROJECT, 'package.json'), 'utf8'),
    );
    const installed = { ...dependencies, ...optionalDependencies, ...devDependencies };
    const known = [NODE_SQLITE, ...Object.keys(installed)];
    const allowed = Object.values(RULES).flatMap(({ libraries }) => libraries);
    expect(allowed.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each([
    ['domain/scope/scope.ts', "import { issue } from '../../usecases/credential/issue.js';"],
    ['domain/scope/scope.ts', "import { z } from 'zod';"],
    ['domain/scope.ts', "import { randomBytes } from 'node:crypto';"],
    ['domain/scope.ts', "import { randomBytes } from 'crypto';"],
    ['files/mounts.ts', "import { quote } from '../domain/text/quote.js';"],
    ['files/mounts.ts', "import { stopRequest } from '../system/signals/stop-request.js';"],
    ['usecases/credential/issue.ts', "import { errno } from '../../files/errno.js';"],
    ['http/app.ts', "import { errno } from '../files/errno.js';"],
    ['usecases/credential/issue.ts', "import type { SqliteStore } from '../../storage/sqlite/store.js';"],
    ['usecases/credential/issue.ts', "export * from '../../system/clock.js';"],
    ['usecases/issue.ts', "import { readFileSync } from 'node:fs';"],
    ['storage/open.ts', "import '../system/files.js';"],
    ['storage/open.ts', "import {\n  type Host,\n} from '../cli/host/host.js';"],
    ['storage/open.ts', "const { hash } = await import('bcryptjs');"],
    ['system/clock.ts', "type Store = import('../storage/open.js').Store;"],
    ['system/clock.ts', "import { Pool } from 'pg';"],
    ['http/app.ts', "import { openStoreAt } from '../storage/open.js';"],
    ['http/app.ts', "import { Command } from 'commander';"],
    ['http/app.ts', "import helmet from '@fastify/helmet';"],
    ['domain/scope.ts', "const a = 1; import type { z } from 'zod';"],
    ['domain/scope.ts', "const fs = process.getBuiltinModule('node:fs');"],
    ['domain/scope.ts', "import fs = require('node:fs');"],
    ['cli/commands/list.ts', "import { openStoreAt } from '../../storage/open.js';"],
    ['cli/commands/list.ts', "import fastify from 'fastify';"],
    ['cli/host/system-host.ts', "import Database from 'better-sqlite3';"],
    ['system/clock.ts', "const sqlite = process.getBuiltinModule('node:sqlite');"],
    ['cli/host/output.ts', "import { bcrypt } from 'bcryptjs';"],
    ['index.ts', "export { main } from './cli/main.js';"],
    ['domain/errors.ts', "import { build } from '../../scripts/build.mjs';"],
    ['elsewhere/new.ts', "import { scope } from '../domain/scope.js';"],
    ['domain/scope.ts', 'const module = await import(name);'],
    ['domain/scope.ts', "const fs = require('node:fs');"],
  ])('would not let src/%s say %s', (path, text) => {
    expect(forbiddenImports({ path: `src/${path}`, text })).toHaveLength(1);
  });

  it.each([
    ['domain/scope.ts', "import { quote } from './quote.js';"],
    ['usecases/change.ts', "import type { Store } from '../domain/ports/store-port.js';"],
    ['files/mounts.ts', "import { CredctlError } from '../domain/errors.js';"],
    ['system/clock.ts', "import { mountOf } from '../files/mounts.js';"],
    ['storage/open.ts', "import { errno } from '../files/errno.js';"],
    ['storage/sqlite/store.ts', "import Database from 'better-sqlite3';\nimport { join } from 'node:path';"],
    ['cli/host/system-host.ts', "const { openStoreAt } = await import('../../storage/open.js');"],
    ['cli/host/output.ts', "import { writeFully } from '../../system/streams.js';"],
    [
      'domain/scope.ts',
      "/** As in `import x from 'zod'`.\n * import y from 'zod'; */\n// await import('zod')",
    ],
    ['cli/main.ts', "import manifest from '../../package.json' with { type: 'json' };"],
  ])('lets src/%s say %s', (path, text) => {
    expect(forbiddenImports({ path: `src/${path}`, text })).toEqual([]);
  });
});

/** One line for each import that the rules do not allow. */
function forbiddenImports(source: Source): readonly string[] {
  return importsIn(source)
    .filter((name) => !isAllowed(source.path, name))
    .map((name) => `${source.path} → ${name}`);
}

function isAllowed(path: string, name: string): boolean {
  const own = partOf(path);
  const inside = path.slice('src/'.length);
  const rule = RULES[inside] ?? RULES[posix.dirname(inside)] ?? RULES[own];
  if (rule === undefined) return false;
  if (isBuiltin(name) && name !== NODE_SQLITE) return rule.builtins;
  if (!name.startsWith('.'))
    return [...rule.libraries, ...(RULES[own]?.libraries ?? [])].includes(packageOf(name));
  const target = posix.join(posix.dirname(path), name);
  if (target === 'package.json') return own === 'cli';
  const file = target.slice('src/'.length).replace(/\.js$/, '.ts');
  return (
    target.startsWith('src/') && [own, ...rule.parts].some((part) => [partOf(target), file].includes(part))
  );
}

/** `zod` for `zod/mini`, and `@inquirer/core` for itself. */
function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

/** `domain` for `src/domain/scope/scope.ts`, and `index.ts` for `src/index.ts`. */
function partOf(path: string): string {
  return path.split('/')[1] ?? '';
}

/** The same as edges, as the bundler sees them; it does not see types. */
async function importsOfBundler(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const edges = new Set<string>();
  await build({
    absWorkingDir: PROJECT,
    entryPoints: [...paths],
    outdir: 'nowhere',
    write: false,
    bundle: true,
    format: 'esm',
    logLevel: 'silent',
    plugins: [
      {
        name: 'edges',
        setup({ onResolve }) {
          onResolve({ filter: /./ }, ({ path, importer, kind }) => {
            if (kind === 'entry-point') return undefined;
            edges.add(`${posix.relative(PROJECT, importer)} → ${path}`);
            return { path, external: true };
          });
        },
      },
    ],
  });
  return edges;
}
