import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

it('docs/scaling.md has the tables that the simulation prints', async () => {
  const [page, { stdout }] = await Promise.all([
    readFile(`${ROOT}docs/scaling.md`, 'utf8'),
    execa('node', ['bench/simulation/run.mjs'], { cwd: ROOT }),
  ]);
  const [, tables] = /<!-- simulation -->\n([\s\S]*?)\n<!-- \/simulation -->/.exec(page) ?? [];
  expect(tables).toBe(stdout.trim());
});

it('docs/scaling.md names the costs that the simulation reckons with', async () => {
  const page = await readFile(`${ROOT}docs/scaling.md`, 'utf8');
  const text = await readFile(`${ROOT}bench/simulation/parameters.json`, 'utf8');
  const { services }: { services: Readonly<Record<string, number>> } = JSON.parse(text);
  const { look, eachLook, tokens, eachToken, eachExpired, uses, eachUse, flush, network } = services;
  expect(page).toContain(`owner | ${look} ms | ${eachLook} ms |`);
  expect(page).toContain(`written | ${tokens} ms | ${eachToken?.toFixed(3)} ms |`);
  expect(page).toContain(`deleted | – | ${eachExpired} ms,`);
  expect(page).toContain(`written | ${uses} ms | ${eachUse} ms |`);
  expect(page).toContain(`(${flush} ms each) and a network of ${network} ms`);
});
