import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT } from '../support/program/real-program.js';

const NOTICES = readFileSync(join(PROJECT, 'THIRD-PARTY-NOTICES'), 'utf8');

const { dependencies, devDependencies } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));

/** A package that holds no more than the address of its licence. */
const ONLY_A_LINK = 'abstract-logging ';

/** What the sources import, as `name` or `@scope/name`. */
function imported(): readonly string[] {
  const sources = readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(PROJECT, 'src', file), 'utf8'));
  const names = sources.flatMap((text) =>
    Array.from(
      text.matchAll(/(?<!import type .*)(?:from|import\() ?'((?:@[\w-]+\/)?[a-z][\w-]*)/g),
      ([, name = '']) => name,
    ),
  );
  return [...new Set(names)].filter((name) => name in devDependencies).sort();
}

describe('THIRD-PARTY-NOTICES', () => {
  it('names every library that the program imports and the package does not install, with its version', () => {
    expect(imported()).toContain('commander');
    for (const name of imported()) {
      const { version } = JSON.parse(
        readFileSync(join(PROJECT, 'node_modules', name, 'package.json'), 'utf8'),
      );
      expect(NOTICES).toContain(`\n${name} ${version} (`);
    }
  });

  it('has the text of a licence below each', () => {
    const parts = NOTICES.split(/^(?=\S+ \d+\.\d+\.\d+\S* \(.*\)\n=+\n)/m).slice(1);
    expect(parts.length).toBeGreaterThan(50);
    for (const part of parts) {
      expect(part).toMatch(/permission|licen[cs]e/i);
      const isWhole = part.length > 300 || part.startsWith(ONLY_A_LINK);
      expect(isWhole, part.slice(0, 60)).toBe(true);
    }
  });

  it('leaves out what is installed beside the package with a licence of its own', () => {
    for (const name of Object.keys(dependencies)) expect(NOTICES).not.toContain(`\n${name} `);
  });
});
