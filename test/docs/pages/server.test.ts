import { describe, expect, it } from 'vitest';
import { fencesOf, readPage } from '../../support/build/page.js';
import { differencesOfShape } from '../../support/build/shape.js';
import { openSession } from '../../support/program/run.js';
import { startServer } from '../../support/servers/server.js';

/** The first cells of the table under a heading. */
function firstCells(page: string, heading: string): readonly string[] {
  const [, section = ''] = readPage(page).split(`\n## ${heading}\n`);
  const [text = ''] = section.split('\n## ');
  return [...text.matchAll(/^\| (.*?) \|/gm)].map(([, cell = '']) => cell).slice(2);
}

describe('docs/server.md', () => {
  it('names endpoints that there are', async () => {
    const server = await startServer(await openSession());
    const endpoints = firstCells('docs/server.md', 'Endpoints').flatMap((cell) => [
      ...cell.matchAll(/`(?:(GET|POST) )?(\/[^`]*)`/g),
    ]);
    expect(endpoints.length).toBeGreaterThan(8);
    for (const [, method = 'GET', path = ''] of endpoints) {
      const { status } = await server.send(path, { method });
      expect([404, 405], `${method} ${path}`).not.toContain(status);
    }
  });

  it('shows what the server answers to each request', async () => {
    const session = await openSession();
    const KEY = await session.issue('dev-key');
    const SCANNER_KEY = await session.issue('scanner', '--scope', 'credctl:scan');
    const made = await session.ok('create', 'dev-client', '--scope', 'data:users', '--format', 'dotenv');
    const [CLIENT_ID = '', CLIENT_SECRET = ''] = made.split('\n').map((line) => line.split('=')[1]);
    const server = await startServer(session);
    const env: Record<string, string> = { URL: server.url, KEY, SCANNER_KEY, CLIENT_ID, CLIENT_SECRET };
    const blocks = fencesOf('docs/server.md');
    const requests = blocks.filter(({ title }) => title.endsWith('.sh'));
    expect(requests.length).toBe(6);
    for (const request of requests) {
      const { stdout, stderr } = await session.sh(`set -e\n${request.text}`, { env });
      const answer = JSON.parse(stdout);
      const shown = JSON.parse(blocks[blocks.indexOf(request) + 1]?.text ?? '');
      expect(differencesOfShape(shown, answer), `${request.title}: ${stdout}${stderr}`).toEqual([]);
      if ('status' in shown) expect(answer, request.title).toEqual(shown);
      if ('access_token' in answer) env['TOKEN'] = answer.access_token;
    }
  });
});

describe('docs/limits.md', () => {
  it('names figures that the server gives, all of them', async () => {
    const server = await startServer(await openSession());
    const { text } = await server.send('/metrics');
    const given = [...text.matchAll(/^# TYPE (credctl_\w+)/gm)].map(([, name = '']) => name);
    const named = firstCells('docs/limits.md', 'Metrics').flatMap((cell) => cell.match(/credctl_\w+/g) ?? []);
    expect(named.toSorted()).toEqual(given.toSorted());
  });
});
