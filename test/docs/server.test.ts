import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isInstalled } from '../support/build/checker.js';
import { PROJECT } from '../support/program/real-program.js';
import { openSession } from '../support/program/run.js';
import { startServer } from '../support/servers/server.js';

const hasSystemd = isInstalled('systemd-analyze', 'systemd');

const GUIDE = readFileSync(join(PROJECT, 'docs/server.md'), 'utf8');

/** The unit of systemd. */
const [, UNIT = ''] = /^```ini\n([\s\S]*?)^```$/m.exec(GUIDE) ?? [];

/** The first cells of the table under a heading. */
function firstCells(heading: string): readonly string[] {
  const [, section = ''] = GUIDE.split(`\n## ${heading}\n`);
  const [text = ''] = section.split('\n## ');
  return [...text.matchAll(/^\| (.*?) \|/gm)].map(([, cell = '']) => cell).slice(2);
}

describe('docs/server.md', () => {
  it.skipIf(!hasSystemd)('has a unit that is in order for systemd', async () => {
    const session = await openSession();
    const put = (path: string, text: string, mode: number): void => {
      const file = session.workspace.path(`root${path}`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { mode });
    };
    cpSync('/lib/systemd/system', session.workspace.path('root/lib/systemd/system'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    put('/usr/local/bin/credctl', '#!/bin/sh\n', 0o755);
    put('/etc/systemd/system/credctl-serve.service', UNIT, 0o644);
    expect(await session.sh('systemd-analyze verify --man=no --root=root credctl-serve.service')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('has a unit whose command is one that runs, and ends in the time that it has', async () => {
    const flags = /^ExecStart=\S+ serve (.*)$/m.exec(UNIT)?.[1]?.split(' ') ?? [];
    const session = await openSession();
    mkdirSync(session.workspace.path('credctl'));
    const named = flags.map((flag) => flag.replace('%t', session.workspace.directory));
    const server = await startServer(session, ...named);
    expect(server.stdout()).toBe(`unix:${session.workspace.path('credctl/credctl.sock')}\n`);
    expect((await server.send('/readyz')).status).toBe(200);
    // The drain time-out is ten seconds.
    expect(/^TimeoutStopSec=(\d+)s$/m.exec(UNIT)?.[1]).toBe('30');
  });

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
