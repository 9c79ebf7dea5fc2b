import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT } from '../support/program/real-program.js';
import { openSession } from '../support/program/run.js';
import { startServer } from '../support/servers/server.js';

const GUIDE = readFileSync(join(PROJECT, 'docs/server.md'), 'utf8');

/** The first cells of the table under a heading. */
function firstCells(heading: string): readonly string[] {
  const [, section = ''] = GUIDE.split(`\n## ${heading}\n`);
  const [text = ''] = section.split('\n## ');
  return [...text.matchAll(/^\| (.*?) \|/gm)].map(([, cell = '']) => cell).slice(2);
}

describe('docs/server.md', () => {
  it('names endpoints that there are', async () => {
    const server = await startServer(await openSession());
    const endpoints = firstCells('Endpoints').flatMap((cell) => [
      ...cell.matchAll(/`(?:(GET|POST) )?(\/[^`]*)`/g),
    ]);
    expect(endpoints.length).toBeGreaterThan(8);
    for (const [, method = 'GET', path = ''] of endpoints) {
      const { status } = await server.send(path, { method });
      expect([404, 405], `${method} ${path}`).not.toContain(status);
    }
  });

  it('names figures that the server gives, all of them', async () => {
    const server = await startServer(await openSession());
    const { text } = await server.send('/metrics');
    const given = [...text.matchAll(/^# TYPE (credctl_\w+)/gm)].map(([, name = '']) => name);
    const named = firstCells('Watching it').flatMap((cell) => cell.match(/credctl_\w+/g) ?? []);
    expect(named.toSorted()).toEqual(given.toSorted());
  });
});
