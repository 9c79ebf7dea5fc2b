import { chmod, stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openPostgresSession } from '../../support/postgres/session.js';
import { openSession } from '../../support/program/run.js';
import { createDocument } from '../contract/output/shapes.js';
import { CLIENT, CREATE, show, to, verdict } from './handed.js';

/** Writes its environment and what it is given into files. */
const RECORD = [
  '--',
  process.execPath,
  '-e',
  'const fs = require("node:fs"); fs.writeFileSync("env", JSON.stringify(process.env)); fs.writeFileSync("input", fs.readFileSync(0))',
];

/** Tells which processes show the secret that it is given: by their arguments, and by their environment. */
const WHO_SHOWS_IT = `
const { readFileSync, readdirSync, writeFileSync } = require('node:fs');
const secret = readFileSync(0, 'latin1').slice(-49);
const shows = (pid, file) => {
  try {
    return readFileSync('/proc/' + pid + '/' + file, 'latin1').includes(secret);
  } catch {
    return false;
  }
};
const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
const found = ['cmdline', 'environ', 'comm'].flatMap((file) => pids.filter((pid) => shows(pid, file)));
writeFileSync('shown', JSON.stringify({ looked: pids.length, length: secret.length, found }));
`;

describe('a command that takes a secret', () => {
  it('gets nothing that leads to the store', async () => {
    const session = await openPostgresSession();
    await session.ok('store', 'init');
    await session.workspace.configure('');
    const env = { CREDCTL_STORE: session.publicUrl, PGPASSWORD: session.password };
    const { exitCode, stderr } = await session.run([...CREATE, ...RECORD], { env });
    expect(exitCode, stderr).toBe(0);
    const got = await session.workspace.read('env');
    expect(Object.keys(JSON.parse(got))).not.toContain('PGPASSWORD');
    for (const hidden of [session.password, session.publicUrl]) expect(got).not.toContain(hidden);
  });

  it('has the bare secret on its standard input, and nothing after it', async () => {
    const session = await openSession();
    for (const argv of [CREATE, CLIENT, ['rotate', 'ci-bot'], ['rotate', 'crm']]) {
      await session.ok(...argv, ...to('cat > input'));
      const input = await session.workspace.read('input');
      expect(input).toMatch(argv.includes('ci-bot') ? /^cctl_key_\w{61}$/ : /^cctl_sec_\w{61}$/);
      expect(await verdict(session, input)).toBe(0);
    }
  });

  it.each(['KILL', 'SEGV'])(
    'keeps what it may have put in place, and goes on no more, when the shell that runs it dies by SIG%s',
    async (signal) => {
      const session = await openSession();
      await session.ok(...CREATE, ...to('cat > target'));
      const late = `cat > target; kill -${signal} $PPID; sleep 2; echo late > late`;
      const { message, hint } = await session.refused(7, ['rotate', 'ci-bot', '--now', ...to(late)]);
      expect(`${message}; ${hint}`).toMatch(
        /the shell that ran the command "sh" was ended by SIG.*--resume.*--abort/,
      );
      expect(await verdict(session, await session.workspace.read('target'))).toBe(0);
      await session.sh('sleep 2.5');
      await expect(session.workspace.read('late')).rejects.toThrow();
    },
  );

  it('can open its standard input by name, as often as it likes: it is a pipe', async () => {
    const session = await openSession();
    await session.ok(
      ...CREATE,
      ...to('test -p /dev/stdin && cat /dev/stdin > input && cat /dev/fd/0 > rest'),
    );
    expect(await session.workspace.read('input')).toMatch(/^cctl_key_\w{61}$/);
    expect(await session.workspace.read('rest')).toBe('');
    const curl = "import sys; open('form', 'w').write(open('/dev/stdin').read())";
    await session.ok('rotate', 'ci-bot', '--', 'python3', '-c', curl);
    expect(await session.workspace.read('form')).toMatch(/^cctl_key_\w{61}$/);
  });

  it.each([
    ['an API key', CREATE, 'ci-bot'],
    ['an OAuth client', CLIENT, 'crm'],
  ])('has the rest in its environment: %s', async (_, create, name) => {
    const session = await openSession();
    for (const version of [1, 2]) {
      const argv = version === 1 ? create : ['rotate', name];
      const { exitCode, stderr } = await session.run([...argv, ...RECORD], {
        env: { MINE: 'kept', PGPASSWORD: 'of another database', CREDCTL_DEBUG: '1', CREDCTL_OLDER: 'x' },
      });
      expect(exitCode, stderr).toBe(0);
      const env = JSON.parse(await session.workspace.read('env'));
      const credential = await show(session, name);
      const ours = Object.fromEntries(Object.entries(env).filter(([key]) => key.startsWith('CREDCTL_')));
      expect(ours).toEqual({
        CREDCTL_NAME: name,
        CREDCTL_ID: credential.id,
        CREDCTL_TYPE: credential.type,
        CREDCTL_CLIENT_ID: credential.client_id ?? '',
        CREDCTL_VERSION: String(version),
        CREDCTL_HANDLE: credential.versions[0]?.handle,
      });
      expect(env).toMatchObject({ MINE: 'kept', PGPASSWORD: 'of another database' });
      expect(JSON.stringify(env)).not.toContain((await session.workspace.read('input')).slice(-49));
    }
  });

  it('shows the secret in no argument list and no environment', async () => {
    const session = await openSession();
    await session.ok(...CREATE, '--', process.execPath, '-e', WHO_SHOWS_IT);
    const { looked, length, found } = JSON.parse(await session.workspace.read('shown'));
    expect([looked > 3, length, found]).toEqual([true, 49, []]);
  });

  it('inherits no file of the store', async () => {
    const session = await openSession();
    await session.ok(...CREATE, ...to('ls -l /proc/self/fd > open; cat > /dev/null'));
    const open = await session.workspace.read('open');
    expect(open).toContain('pipe:');
    expect(open).not.toContain('credctl.db');
  });

  it('has its arguments as they were given, the user’s umask, and the working directory', async () => {
    const session = await openSession();
    const words = ['a b', '', '$HOME', '`id`', '--json', '--', "'", 'é'];
    await session.ok(...CREATE, ...to('printf "<%s>" "$@" > words', ...words));
    expect(await session.workspace.read('words')).toBe(words.map((word) => `<${word}>`).join(''));
    await session.sh('umask 027; credctl rotate ci-bot -- sh -c "cat > made"');
    expect((await stat(session.workspace.path('made'))).mode & 0o777).toBe(0o640);
  });

  it('is found in the path, and fed without it', async () => {
    const session = await openSession();
    await session.workspace.write('tool', '#!/bin/sh\n/bin/cat > input\n');
    await chmod(session.workspace.path('tool'), 0o755);
    const path = `${session.workspace.directory}:/nothing`;
    const script = `credctl=$(command -v credctl); PATH=${path}; exec "$credctl" ${CREATE.join(' ')} -- tool`;
    const { exitCode, stderr } = await session.sh(script);
    expect(exitCode, stderr).toBe(0);
    expect(await session.workspace.read('input')).toMatch(/^cctl_key_\w{61}$/);
  });
});

describe('what the command prints', () => {
  it('goes to standard error, whatever it is', async () => {
    const session = await openSession();
    const document = '{"schema_version":1,"secret":null}';
    const { exitCode, stdout, stderr } = await session.run([
      ...CREATE,
      ...to(`echo '${document}'; echo oops >&2`),
    ]);
    expect([exitCode, stdout]).toEqual([0, '']);
    expect(stderr).toContain(`${document}\noops\n`);
  });

  it('is not in the document', async () => {
    const session = await openSession();
    const { exitCode, stdout } = await session.run([...CREATE, '--json', ...to('echo noise')]);
    expect(exitCode).toBe(0);
    const { secret, delivered_to, version } = createDocument.parse(JSON.parse(stdout));
    expect([secret, delivered_to, version]).toEqual([null, ['command'], 1]);
  });

  it('may be lost: a closed standard error is no reason to fail', async () => {
    const session = await openSession();
    const { exitCode } = await session.sh(
      `credctl ${CREATE.join(' ')} -- sh -c 'echo noise; cat > input' 2>&-`,
    );
    expect(exitCode).toBe(0);
    expect(await verdict(session, await session.workspace.read('input'))).toBe(0);
  });
});
