import { createHost } from '../host/system-host.js';
import { buildWholeProgram } from '../program.js';
import { manPage } from './man-page.js';
import { markdownReference } from './markdown.js';
import { referenceOf } from './pages.js';

/** A documentation file, its path relative to the project. */
export interface ReferenceFile {
  readonly path: string;
  readonly text: string;
}

/** Generates the documentation from the command tree; deterministic. */
export async function referenceFiles(): Promise<readonly ReferenceFile[]> {
  const context = { host: createHost(), words: [], trailing: null, setExitCode: () => {} };
  const program = await buildWholeProgram(context);
  const reference = referenceOf(program);
  return [
    { path: 'docs/cli.md', text: markdownReference(reference) },
    { path: 'man/credctl.1', text: manPage(reference) },
  ];
}
