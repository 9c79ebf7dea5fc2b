import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isInstalled } from '../../support/build/checker.js';
import { exampleOf } from '../../support/build/page.js';
import { openSession } from '../../support/program/run.js';
import { standIn } from '../../support/program/stand-in.js';
import { startServer } from '../../support/servers/server.js';

const hasSystemd = isInstalled('systemd-analyze', 'systemd');

const PAGE = 'docs/production.md';
const UNIT = exampleOf(PAGE, '/etc/systemd/system/credctl-serve.service');

describe(PAGE, () => {
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

  it('has an installation that names the unit, and a store that it finds', async () => {
    const session = await openSession();
    for (const program of ['useradd', 'systemctl', 'curl', 'install']) {
      await standIn(session, program, `echo "${program} $*" >> called`);
    }
    await standIn(session, 'sudo', 'shift 4; "$@" --store ./credctl.db');
    const { exitCode, stderr } = await session.sh(`set -e\n${exampleOf(PAGE, 'install-serve.sh')}`);
    expect(exitCode, stderr).toBe(0);
    const called = await session.workspace.read('called');
    expect(called).toContain('systemctl enable --now credctl-serve.service\n');
    const socket = UNIT.match(/--socket %t(\S+)/)?.[1];
    expect(called).toContain(`curl --unix-socket /run${socket} http://localhost/readyz\n`);
    const store = UNIT.match(/CREDCTL_STORE=%S(\S+)/)?.[1];
    expect(exampleOf(PAGE, 'install-serve.sh')).toContain(`CREDCTL_STORE=/var/lib${store} `);
  });

  it.skipIf(!isInstalled('caddy', 'caddy'))(
    'has a Caddyfile that Caddy takes, for the socket of the unit',
    async () => {
      const session = await openSession();
      const text = exampleOf(PAGE, 'Caddyfile');
      await session.workspace.write('Caddyfile', text);
      const { exitCode, stdout, stderr } = await session.sh(
        'caddy adapt --adapter caddyfile --config Caddyfile',
      );
      expect(exitCode, stderr).toBe(0);
      expect(stdout).toContain('"dial":"unix//run/credctl/credctl.sock"');
      const [, host] = /^([\w.]+) \{$/m.exec(text) ?? [];
      expect(UNIT).toContain(`--public-url https://${host}\n`);
    },
  );
});
