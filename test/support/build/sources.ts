import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { PROJECT } from '../program/real-program.js';

/** A source file, its path relative to the project with `/` between the parts. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** The text with a space in place of each comment. */
export function withoutComments(text: string): string {
  const strings = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/;
  const comments = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/;
  return text.replace(
    new RegExp(`(${strings.source})|${comments.source}`, 'g'),
    (_, string) => string ?? ' ',
  );
}

/** All that is written in JavaScript or TypeScript below a directory of the project. */
export async function sourcesIn(directory: string): Promise<readonly Source[]> {
  const names = await readdir(join(PROJECT, directory), { recursive: true }).catch(() => []);
  const files = names.filter((name) => /\.[cm]?[jt]s$/.test(name) && !name.includes('node_modules'));
  return Promise.all(
    files.map(async (name) => {
      const path = posix.join(directory, name.replaceAll('\\', '/'));
      return { path, text: await readFile(join(PROJECT, path), 'utf8') };
    }),
  );
}
