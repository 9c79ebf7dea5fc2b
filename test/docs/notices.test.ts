import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { loadConfig } from 'rolldown/config';
import { describe, expect, it } from 'vitest';
import { PROJECT } from '../support/program/real-program.js';

const NOTICES = readFileSync(join(PROJECT, 'THIRD-PARTY-NOTICES'), 'utf8');

const { dependencies } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));

/** What a licence says in whole, and a link to it does not. */
const GRANT = /permission (?:to use|is hereby granted)|redistribution and use|apache license/i;

/** The directories of the packages whose modules the bundler takes in, when asked anew. */
async function bundledPackages(): Promise<readonly string[]> {
  const config = [await loadConfig(join(PROJECT, 'rolldown.config.mjs'))].flat();
  const outputs = await Promise.all(
    config.map(async (part) => {
      if (typeof part === 'function') throw new Error('rolldown.config.mjs holds values');
      const bundle = await rolldown({ ...part, cwd: PROJECT, logLevel: 'silent' });
      return bundle.generate([part.output ?? {}].flat()[0]);
    }),
  );
  const modules = outputs.flatMap(({ output }) =>
    output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : [])),
  );
  const directories = modules.flatMap((path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []);
  return [...new Set(directories)].sort();
}

describe('THIRD-PARTY-NOTICES', () => {
  it('names every library whose code is in the bundle, with its version', async () => {
    const titles = (await bundledPackages()).map((directory) => {
      const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
      return `${name} ${version} (${license})`;
    });
    expect(titles.length).toBeGreaterThan(50);
    expect([...NOTICES.matchAll(/^(.+)\n=+$/gm)].map(([, title]) => title)).toEqual(titles.toSorted());
  });

  it('has the text of a licence below each', () => {
    const parts = NOTICES.split(/^(?=\S+ \d+\.\d+\.\d+\S* \(.*\)\n=+\n)/m).slice(1);
    expect(parts.length).toBeGreaterThan(50);
    for (const part of parts) {
      expect(part.slice(0, 2_000)).toMatch(GRANT);
      expect(part).toMatch(/copyright/i);
    }
  });

  it('leaves out what is installed beside the package with a licence of its own', () => {
    for (const name of Object.keys(dependencies)) expect(NOTICES).not.toContain(`\n${name} `);
  });
});
