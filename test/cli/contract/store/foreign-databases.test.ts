import { readdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Output } from '../../../../src/cli/host/host.js';
import { createHost } from '../../../../src/cli/host/system-host.js';
import { main } from '../../../../src/cli/main.js';
import { openSession, type RunOptions, type Session } from '../../../support/program/run.js';
import { FOREIGN_SPELLINGS, MALFORMED_URLS, PASSWORD } from '../../../support/stores/store-spellings.js';

// What the build puts in place of this name.
Object.assign(globalThis, { CREDCTL_VERSION: '0.0.0-test' });

const KEY = ['--type', 'api-key', '--scope', 'data:users'];

/** A way in which a store is named: a command, and what surrounds it. */
type Way = (spelling: string) => RunOptions & { readonly argv: readonly string[]; readonly config?: string };

const WAYS: Readonly<Record<string, Way>> = {
  'by --store': (spelling) => ({ argv: ['list', `--store=${spelling}`] }),
  'by --store, for a server': (spelling) => ({ argv: ['serve', '--port', '0', `--store=${spelling}`] }),
  'by CREDCTL_STORE': (spelling) => ({
    argv: ['create', 'x', ...KEY, '--output', 'x.key'],
    env: { CREDCTL_STORE: spelling },
  }),
  'by CREDCTL_STORE, for a server': (spelling) => ({
    argv: ['serve', '--port', '0'],
    env: { CREDCTL_STORE: spelling },
  }),
  'by the configuration file': (spelling) => ({
    argv: ['store', 'init', '--json'],
    config: `store = ${JSON.stringify(spelling)}\n`,
  }),
  'as the place of a copy': (spelling) => ({ argv: ['store', 'copy', `--to=${spelling}`] }),
};

/** Where the configuration file alone may have the home directory. */
const IN_HOME = /^(?:sqlite:)?~\//;

/** Runs a command line in this process, in the workspace's directory, with nothing but its output captured. */
async function runInside({ workspace }: Session, argv: readonly string[], env: RunOptions['env'] = {}) {
  const own = process.cwd;
  process.cwd = () => workspace.directory;
  onTestFinished(() => {
    process.cwd = own;
  });
  let text = '';
  const output: Output = {
    isTerminal: false,
    isDiscarded: false,
    rows: 24,
    columns: 80,
    write: (part) => (text += part),
  };
  const host = createHost({ env: { ...workspace.env, CREDCTL_DEBUG: '1', ...env } });
  const exitCode = await main(argv, { ...host, out: output, err: output });
  return { exitCode, text };
}

describe('another spelling of a database than ours', () => {
  it.each(Object.entries(WAYS))('named %s is exit 2, makes nothing and is not repeated', async (_, way) => {
    const session = await openSession();
    for (const spelling of FOREIGN_SPELLINGS) {
      const { argv, env, config } = way(spelling);
      if (config !== undefined && IN_HOME.test(spelling)) continue;
      if (config !== undefined) await session.workspace.configure(config);
      const { exitCode, text } = await runInside(session, argv, env);
      expect(exitCode, `${spelling}: ${text}`).toBe(2);
      expect(text, spelling).not.toContain(PASSWORD);
    }
    expect(readdirSync(session.workspace.directory)).toEqual([]);
    expect(readdirSync(session.workspace.root).sort()).toEqual(['bin', 'config', 'work']);
  });

  it('is exit 2 in the program itself', async () => {
    const session = await openSession();
    const url = `"postgres://owner:${PASSWORD}@127.0.0.1/team"`;
    const env = { CREDCTL_STORE: url };
    for (const [args, options] of [
      [['create', 'x', ...KEY, '--output', 'x.key'], { env }],
      [['serve', '--port', '0'], { env }],
      [['list', '--store', `host=h dbname=team user=o password=${PASSWORD}`, '--json'], {}],
      [['store', 'init', '--store', `jdbc:postgresql://h/team?user=o&password=${PASSWORD}`], {}],
    ] as const) {
      const { exitCode, stdout, stderr } = await session.run(args, options);
      expect(exitCode, stderr).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).not.toContain(PASSWORD);
    }
    expect(readdirSync(session.workspace.directory)).toEqual([]);
  });

  it('is no name of a backup', async () => {
    const session = await openSession();
    await session.ok('store', 'init');
    for (const command of ['backup', 'restore']) {
      for (const name of [`host=h password=${PASSWORD}`, `postgres://o:${PASSWORD}@h/team`]) {
        const { stderr } = await session.refused(2, ['store', command, name]);
        expect(stderr).not.toContain(PASSWORD);
      }
    }
    expect(readdirSync(session.workspace.directory)).toEqual([]);
  });

  it('where another argument belongs is not repeated with its password', async () => {
    const session = await openSession();
    for (const args of [
      ['show', 'URL'],
      ['URL'],
      ['list', 'URL'],
      ['--stroe=URL', 'list'],
      ['deactivate', 'x', 'URL', '--json'],
      ['list', '--scope', 'URL'],
      ['create', 'x', ...KEY, '--label', 'URL'],
      ['create', 'x', ...KEY, '--output', 'URL'],
      ['show', `URL${'x'.repeat(200)}`],
    ]) {
      for (const password of [PASSWORD, `${PASSWORD}x@${PASSWORD}`]) {
        const url = `postgres://o:${password}@h/team`;
        const { exitCode, text } = await runInside(
          session,
          args.map((word) => word.replace('URL', url)),
        );
        expect(exitCode, text).not.toBe(0);
        expect(text).not.toContain(PASSWORD);
      }
    }
    const { text } = await runInside(session, ['show', `host=h password=${PASSWORD} dbname=team`]);
    expect(text).toContain('password=… dbname');
  });
});

describe('a URL of ours', () => {
  it('means the same database with white space around it', async () => {
    const session = await openSession();
    const env = { CREDCTL_STORE: `\ufeff postgres://o:${PASSWORD}@127.0.0.1:1/team\r\n` };
    const { message } = await session.refused(8, ['list'], { env });
    expect(message).toMatch(/^postgres:\/\/o@127\.0\.0\.1:1\/team /);
  });

  it('is refused on the command line for its password, whatever is around it', async () => {
    const session = await openSession();
    for (const space of ['\n', ' ', '\ufeff']) {
      const url = `${space}postgres://o:${PASSWORD}@127.0.0.1:1/team`;
      for (const args of [
        ['list', '--store', url],
        ['store', 'copy', '--to', url],
      ]) {
        expect((await session.refused(2, args)).message).toContain('command line');
      }
    }
  });

  it('in which something is wrong is exit 2, and nothing of it is shown as a name', async () => {
    const session = await openSession();
    for (const url of [
      ...MALFORMED_URLS,
      `postgres://o%3A${PASSWORD}@127.0.0.1:1/team`,
      `postgres://o%3A${PASSWORD}%40h/team`,
    ]) {
      const { exitCode, text } = await runInside(session, ['list'], { CREDCTL_STORE: url });
      expect(exitCode, `${url}: ${text}`).toBe(2);
      expect(text).not.toContain(PASSWORD);
    }
  });
});

describe('a file', () => {
  it('whose path looks a little like a database is made where it says', async () => {
    const session = await openSession();
    const paths = [
      './my postgres/a=b.db',
      'postgres.db',
      './owner@example.org/s.db',
      'sqlite:./team:prod.db',
    ];
    for (const path of paths) await session.ok('store', 'init', `--store=${path}\n`);
    expect(readdirSync(session.workspace.directory).sort()).toEqual([
      'my postgres',
      'owner@example.org',
      'postgres.db',
      'team:prod.db',
    ]);
  });
});
