import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../program/real-program.js';

/** The pages that users read: the README and docs/, without the generated reference. */
export const PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(join(PROJECT, 'docs'))
    .filter((name) => name.endsWith('.md') && name !== 'cli.md')
    .map((name) => `docs/${name}`),
];

/** A block between fences. */
export interface Fence {
  readonly language: string;
  readonly text: string;
  /** What the block is called: the name that its first line gives it as `# NAME`, or that line itself. */
  readonly title: string;
}

export function readPage(path: string): string {
  return readFileSync(join(PROJECT, path), 'utf8');
}

/** The blocks of a page, in their order. */
export function fencesOf(path: string): readonly Fence[] {
  const blocks = readPage(path).matchAll(/^```(\S*)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, language = '', text = '']) => {
    const [first = ''] = text.split('\n');
    const [, name] = /^# (\S*[./][^\s,]+|Caddyfile|crontab|matchers)(?:[, ]|$)/.exec(first) ?? [];
    return { language, text, title: name ?? first };
  });
}

/** A page without its blocks: what is read as prose, tables included. */
export function proseOf(path: string): string {
  return readPage(path).replaceAll(/^```(\S*)\n[\s\S]*?^```$/gm, '');
}

/** The text of the one block of a page that has this title. */
export function exampleOf(path: string, title: string): string {
  const found = fencesOf(path).filter((fence) => fence.title === title);
  if (found.length !== 1) throw new Error(`${path} has ${found.length} blocks called ${title}`);
  return found[0]?.text ?? '';
}
