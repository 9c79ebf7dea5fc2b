import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isInstalled } from '../support/build/checker.js';
import { hasMachines, startMachine } from '../support/images/machine.js';
import { PROGRAM, PROJECT } from '../support/program/real-program.js';
import { openSession, type Session } from '../support/program/run.js';
import { startServer } from '../support/servers/server.js';

const hasSystemd = isInstalled('systemd-analyze', 'systemd');

const UNITS = join(PROJECT, 'contrib/systemd');
const unit = (name: string): string => readFileSync(join(UNITS, name), 'utf8');
const NAMES = readdirSync(UNITS).filter((name) => /\.(service|timer)$/.test(name));

/** The lines of a unit that say something. */
const settingsOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => /^[A-Z]\w+=/.test(line));

/** What a setting has for values. */
const valuesOf = (text: string, name: string): readonly string[] =>
  settingsOf(text).flatMap((line) => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []));

/** The units that the documents show. */
const shown = readdirSync(join(PROJECT, 'docs')).flatMap((name) => {
  const text = name.endsWith('.md') ? readFileSync(join(PROJECT, 'docs', name), 'utf8') : '';
  return [...text.matchAll(/^```ini\n(# \/etc\/systemd\/system\/(credctl\S*)\n[\s\S]*?)^```$/gm)].map(
    ([, example = '', file = '']) => ({ file, example }),
  );
});

/** A system with the units on it: its root directory. */
function installed(session: Session, change = (text: string): string => text): string {
  const root = session.workspace.path('root');
  const put = (path: string, text: string, mode: number): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode });
  };
  cpSync('/lib/systemd/system', join(root, 'lib/systemd/system'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  for (const program of ['/usr/local/bin/credctl', '/usr/bin/install']) put(program, '#!/bin/sh\n', 0o755);
  for (const name of NAMES) put(`/etc/systemd/system/${name}`, change(unit(name)), 0o644);
  return root;
}

const DROP_IN = 'root/etc/systemd/system/credctl.service.d/postgres.conf';

describe('the units of contrib/systemd', () => {
  it.skipIf(!hasSystemd)(
    'are in order for systemd, with the drop-in for PostgreSQL and without',
    async () => {
      const session = await openSession();
      installed(session);
      const verify = `systemd-analyze verify --man=no --root=root ${NAMES.join(' ')}`;
      const silent = { exitCode: 0, stdout: '', stderr: '' };
      expect(await session.sh(verify)).toEqual(silent);
      mkdirSync(session.workspace.path(dirname(DROP_IN)), { recursive: true });
      await session.workspace.write(DROP_IN, unit('postgres.conf'));
      expect(await session.sh(verify)).toEqual(silent);
      await session.workspace.write(
        DROP_IN,
        unit('postgres.conf').replace('LoadCredential', 'LoadCredentials'),
      );
      expect((await session.sh(verify)).stderr).toContain("Unknown key 'LoadCredentials'");
    },
  );

  it.skipIf(!hasSystemd)('leave the services next to nothing that they could harm', async () => {
    const session = await openSession();
    installed(session);
    const exposed = (service: string, threshold: number) =>
      session.sh(
        `systemd-analyze security --no-pager --offline=true --threshold=${threshold} --root=root ${service}`,
      );
    for (const name of NAMES.filter((name) => name.endsWith('.service'))) {
      const { exitCode, stdout } = await exposed(name, 10);
      expect(exitCode, stdout.split('\n').at(-2)).toBe(0);
    }
    mkdirSync(session.workspace.path(dirname(DROP_IN)), { recursive: true });
    await session.workspace.write(DROP_IN, unit('postgres.conf'));
    expect((await exposed('credctl.service', 10)).exitCode).toBe(1);
    expect((await exposed('credctl.service', 20)).exitCode).toBe(0);
  });

  it('say nothing else than the documents do', () => {
    const wholes = shown.filter(({ file }) => NAMES.includes(file));
    expect(wholes).toHaveLength(2);
    for (const { file, example } of wholes) expect(unit(file), file).toBe(example);
    // The guide to the server may show a shorter one.
    const shorter = shown.filter(({ file }) => file === 'credctl-serve.service');
    expect(shorter).toHaveLength(1);
    for (const { example } of shorter)
      for (const line of settingsOf(example)) expect(settingsOf(unit('credctl.service'))).toContain(line);
  });

  it('start commands that there are, and keep secrets out of core dumps', async () => {
    const session = await openSession();
    for (const name of NAMES.filter((name) => name.endsWith('.service'))) {
      const [, command = '', ...words] = valuesOf(unit(name), 'ExecStart')[0]?.split(' ') ?? [];
      const help = await session.ok(command, '--help');
      const flags = words.filter((word) => word.startsWith('--'));
      expect(flags).not.toEqual([]);
      for (const flag of flags) expect(help, name).toContain(` ${flag} `);
      expect(valuesOf(unit(name), 'LimitCORE')).toEqual(['0']);
      expect(valuesOf(unit(name), 'MemoryDenyWriteExecute')).toEqual([]);
    }
  });

  it('serve on the socket of the unit', async () => {
    const session = await openSession();
    mkdirSync(session.workspace.path('credctl'));
    const [, , ...flags] = valuesOf(unit('credctl.service'), 'ExecStart')[0]?.split(' ') ?? [];
    const server = await startServer(
      session,
      ...flags.map((flag) => flag.replace('%t', session.workspace.directory)),
    );
    expect((await server.send('/readyz')).status).toBe(200);
    expect(await server.end()).toBe(0);
  });

  it.runIf(hasSystemd && hasMachines())(
    'are installed with a user and a store of their own, and again after an update',
    async () => {
      const machine = await startMachine();
      onTestFinished(() => machine.stop());
      const called = '/called';
      const put = (path: string, text: string): void =>
        writeFileSync(join(machine.files, path), text, { mode: 0o755 });
      put('/usr/local/bin/credctl', `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
      put('/usr/local/bin/systemctl', `#!/bin/sh\necho "$@" >> ${called}\n`);
      const path = { PATH: `/usr/local/bin:/usr/sbin:/sbin:${process.env['PATH']}` };
      for (const _ of ['new', 'updated'])
        await machine.sh(`sh '${join(UNITS, 'install.sh')}' 2>&1`, { env: path });
      const made = await machine.sh(
        `stat -c '%U %a' /var/lib/credctl /var/lib/credctl/credctl.db; cat ${called}`,
      );
      expect(made).toBe(
        `credctl 700\ncredctl 600\n${'daemon-reload\nenable --now credctl.service credctl-rotate.timer\n'.repeat(2)}`,
      );
      for (const name of NAMES)
        expect(readFileSync(join(machine.files, 'etc/systemd/system', name), 'utf8')).toBe(unit(name));
    },
  );
});
