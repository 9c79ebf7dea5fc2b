import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT } from '../support/program/real-program.js';

interface Bom {
  readonly metadata: { readonly component: { readonly 'bom-ref': string; readonly name: string } };
  readonly components: readonly { readonly 'bom-ref': string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const bom: Bom = JSON.parse(
  execFileSync(process.execPath, [join(PROJECT, 'scripts', 'sbom.mjs')], { encoding: 'utf8' }),
);
const refs = bom.components.map((component) => component['bom-ref']);
const names = refs.map((ref) => ref.replace(/@[^@]+$/, ''));
const { dependencies, optionalDependencies } = JSON.parse(
  readFileSync(join(PROJECT, 'package.json'), 'utf8'),
);

describe('the SBOM of a release', () => {
  it('has every library that the bundle contains', () => {
    const notices = readFileSync(join(PROJECT, 'THIRD-PARTY-NOTICES'), 'utf8');
    const bundled = [...notices.matchAll(/^(\S+) (\S+) \(.*\)\n=+$/gm)].map(
      ([, name, of]) => `${name}@${of}`,
    );
    expect(bundled.length).toBeGreaterThan(50);
    expect(bundled.filter((ref) => !refs.includes(ref))).toEqual([]);
  });

  it('has what npm installs beside it, with what that needs', () => {
    const installed = Object.keys({ ...dependencies, ...optionalDependencies });
    expect(names).toEqual(expect.arrayContaining([...installed, 'bindings']));
  });

  it('has no tool that does not ship', () => {
    for (const tool of ['vitest', 'rolldown', 'typescript', 'fast-check', '@biomejs/biome'])
      expect(names).not.toContain(tool);
    expect(JSON.stringify(bom)).not.toContain('package:development');
  });

  it('tells of each where it comes from, down from the package itself', () => {
    const root = bom.metadata.component['bom-ref'];
    expect(bom.metadata.component.name).toBe('credctl');
    const edges = new Map(bom.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const reached = new Set([root]);
    for (const ref of reached) for (const next of edges.get(ref) ?? []) reached.add(next);
    expect([...reached].toSorted()).toEqual([root, ...refs].toSorted());
    expect([...edges.keys()].toSorted()).toEqual([root, ...refs].toSorted());
  });
});
