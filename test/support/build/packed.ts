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

/** The package as it would be published. @returns the path of the file, which is removed when the test has finished */
export async function packed(): Promise<string> {
  const directory = temporaryDirectory();
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', directory], {
    cwd: PROJECT,
  });
  return join(directory, readdirSync(directory)[0] ?? '');
}

/** A directory in which the published package is installed. */
export async function installed(): Promise<string> {
  const archive = await packed();
  const directory = temporaryDirectory();
  const target = join(directory, 'node_modules', 'credctl');
  mkdirSync(target, { recursive: true });
  await run('tar', ['-xzf', archive, '-C', target, '--strip-components=1']);
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
