import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PAGES, proseOf, readPage } from '../../support/build/page.js';
import { sourcesIn } from '../../support/build/sources.js';
import { PROJECT } from '../../support/program/real-program.js';

const LINE_LIMIT = 250;
const WIDTH = 122;

const OTHERS = [
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'bench/README.md',
  'test/README.md',
];
const ALL = [...PAGES, 'docs/cli.md', ...OTHERS];

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(path: string): readonly string[] {
  return [...proseOf(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The links of a page that lead nowhere. */
function brokenLinks(path: string, text = proseOf(path)): readonly string[] {
  const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : normalize(join(dirname(path), file));
    if (!existsSync(join(PROJECT, target))) return true;
    return anchor !== undefined && !anchorsOf(target).includes(anchor);
  });
}

describe('a link', () => {
  it.each(ALL)('of %s leads somewhere', (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it('that is broken is found', () => {
    const text = '[a](none.md) [b](scripts.md#none) [c](scripts.md#exit-codes) [d](#commands)';
    expect(brokenLinks('docs/json.md', text)).toEqual(['none.md', 'scripts.md#none']);
  });

  it('of the index leads to every page', () => {
    const linked = [...readPage('docs/README.md').matchAll(/\]\(([a-z-]+\.md)\)/g)].map(([, page]) => page);
    const pages = readdirSync(join(PROJECT, 'docs')).filter(
      (name) => name.endsWith('.md') && name !== 'README.md',
    );
    expect([...new Set(linked)].toSorted()).toEqual(pages.toSorted());
  });

  it('in the text of a program leads to a page', async () => {
    const sources = await sourcesIn('src');
    const named = sources.flatMap(({ text }) => text.match(/\bdocs\/[\w-]+\.md/g) ?? []);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
  });
});

describe('a page', () => {
  it.each(PAGES)('%s is one task, in lines that a terminal shows', (page) => {
    const lines = readPage(page).trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(LINE_LIMIT);
    const prose = proseOf(page).split('\n');
    expect(prose.filter((line) => line.length > WIDTH && !line.startsWith('|'))).toEqual([]);
  });
});
