import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PROJECT } from '../support/program/real-program.js';

const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');

/** Files and rooms that a text names between backticks; in the sources unless it says otherwise. */
function named(text: string): readonly string[] {
  const names = [...text.matchAll(/`((?:[a-z]+\/)+(?:[a-z0-9-]+\.(?:ts|js))?)`/g)].map(
    ([, name]) => name ?? '',
  );
  return [...new Set(names)];
}

const exists = (name: string): boolean => ['src', '.'].some((base) => existsSync(join(PROJECT, base, name)));

describe('ARCHITECTURE.md', () => {
  const text = read('ARCHITECTURE.md');

  it('names files and rooms that there are', () => {
    expect(named(text).length).toBeGreaterThan(50);
    expect(named(text).filter((name) => !exists(name))).toEqual([]);
    expect(named('`domain/none.ts`').filter((name) => !exists(name))).toEqual(['domain/none.ts']);
  });

  it('names every room of the sources', () => {
    const rooms = readdirSync(join(PROJECT, 'src'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(rooms.map(({ name }) => name).filter((name) => !text.includes(`  ${name}/`))).toEqual([]);
  });

  it('leads to each of the others by links that end somewhere', () => {
    for (const file of ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md']) {
      const links = [...read(file).matchAll(/\]\((?!https:)([^)#]+)/g)].map(([, link]) => link ?? '');
      expect(
        links.filter((link) => !existsSync(join(PROJECT, link))),
        file,
      ).toEqual([]);
    }
  });
});

describe('CONTRIBUTING.md', () => {
  it('names commands that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const commands = [...read('CONTRIBUTING.md').matchAll(/`[^`]*npm run ([a-z:]+)/g)].map(
      ([, name]) => name ?? '',
    );
    expect(commands.length).toBeGreaterThan(4);
    expect(commands.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

describe('a workflow', () => {
  it.each(['gate.yml', 'release.yml'])(
    '%s is well formed, runs the gate and may no more than it needs',
    (name) => {
      const workflow = parse(read(`.github/workflows/${name}`)) as {
        permissions: unknown;
        jobs: Record<string, { 'timeout-minutes'?: number; steps: { run?: string; uses?: string }[] }>;
      };
      expect(workflow.permissions).toEqual({ contents: 'read' });
      const jobs = Object.values(workflow.jobs);
      expect(jobs.flatMap(({ steps }) => steps).some(({ run }) => run?.includes('.ci/run'))).toBe(true);
      expect(jobs.every((job) => Number(job['timeout-minutes']) > 0)).toBe(true);
    },
  );
});
