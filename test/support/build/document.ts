import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../program/real-program.js';

/** An example of a document: what stands between fences, under the name that its first line gives it. */
export interface Example {
  readonly name: string;
  readonly language: string;
  readonly text: string;
}

/** The examples of a document of the project, in their order. Each begins with `# NAME`, and may say more after it. */
export function examplesOf(path: string): readonly Example[] {
  const document = readFileSync(join(PROJECT, path), 'utf8');
  return [...document.matchAll(/^```(\S+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => {
    const [, name] = /^# ([^\s,]+)/.exec(text) ?? [];
    if (name === undefined) throw new Error(`an example of ${path} has no name: ${text}`);
    return { name, language, text };
  });
}

/** The text of one example. */
export function exampleOf(path: string, name: string): string {
  const found = examplesOf(path).filter((example) => example.name === name);
  if (found.length !== 1) throw new Error(`${path} has ${found.length} examples called ${name}`);
  return found[0]?.text ?? '';
}
