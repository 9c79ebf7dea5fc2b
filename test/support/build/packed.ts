import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { PROJECT } from '../program/real-program.js';

const run = promisify(execFile);

/** What npm would install beside the package. */
const DEPENDENCIES = ['better-sqlite3', '@napi-rs/keyring', 'bindings', 'file-uri-to-path'];

let archive: Promise<string> | null = null;

/** The package as it would be published, made once for all tests of this process. @returns the path of the file */
export function packed(): Promise<string> {
  archive ??= pack();
  return archive;
}

async function pack(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'credctl-packed-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', directory], {
    cwd: PROJECT,
  });
  return join(directory, readdirSync(directory)[0] ?? '');
}

/** A directory in which the published package is installed. */
export async function installed(): Promise<string> {
  const directory = temporaryDirectory();
  const target = join(directory, 'node_modules', 'credctl');
  mkdirSync(target, { recursive: true });
  await run('tar', ['-xzf', await packed(), '-C', target, '--strip-components=1']);
  for (const name of DEPENDENCIES) {
    const place = join(directory, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(PROJECT, 'node_modules', name), place);
  }
  return directory;
}

/** A directory that is removed when the test has finished. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'credctl-package-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
