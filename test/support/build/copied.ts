import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../program/real-program.js';
import { temporaryDirectory } from './packed.js';

/** A copy of the built program, to be damaged or replaced. */
export interface CopiedProgram {
  /** What Node.js starts. */
  readonly program: string;
  readonly dist: string;
}

/** Copies the built program into a directory that is removed when the test has finished. */
export function copiedProgram(directory: string = temporaryDirectory()): CopiedProgram {
  for (const name of ['bin', 'dist', 'package.json']) {
    cpSync(join(PROJECT, name), join(directory, name), { recursive: true });
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(directory, 'node_modules'));
  return { program: join(directory, 'bin', 'credctl.js'), dist: join(directory, 'dist') };
}
