import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { SecretSearch } from '../../support/dependencies/secret-search.js';
import { mustSucceed } from '../../support/faults/interrupted-delivery.js';
import { heldRun } from '../../support/program/held-run.js';
import { credctl, credctlRedirected, type Ended } from '../../support/program/real-program.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';
import { onlySecretIn } from '../../support/stores/store-probe.js';

const SCOPE = ['--scope', 'data:conversations'];
const KEY = ['--type', 'api-key', ...SCOPE];
const DEBUG = { CREDCTL_DEBUG: '1' };

let place: Workplace;
let search: SecretSearch;

beforeEach(async () => {
  place = makeWorkplace();
  search = new SecretSearch();
  mustSucceed(await credctl(place, ['store', 'init', '--hash', 'sha256']));
  return () => place.remove();
});

/** Runs a command that prints a secret, and remembers it. */
async function issue(argv: readonly string[], env = {}): Promise<string> {
  const ended = mustSucceed(await credctl(place, argv, { env }));
  const secret = search.add(onlySecretIn(ended.stdout));
  expect(search.isIn(ended.stdout), 'the search finds what there is').toBe(true);
  expect(search.isIn(ended.stderr)).toBe(false);
  return secret;
}

function expectNoSecretIn({ stdout, stderr }: Ended, what: string): void {
  expect(search.isIn(stdout), `stdout of ${what}`).toBe(false);
  expect(search.isIn(stderr), `stderr of ${what}`).toBe(false);
}

/** Everything but the directory of outputs: store, configuration, home, temporary files. */
function filesElsewhere(): readonly string[] {
  return search.filesIn(place.root).filter((name) => !name.startsWith('out/'));
}

describe('a secret is nowhere but at its destination', () => {
  it('after a session of creations, rotations, verifications and failures', async () => {
    const file = place.output('secret');
    const key = await issue(['create', 'one', ...KEY]);
    await issue(['create', 'two', ...SCOPE, '--json']);
    await issue(['create', 'three', ...SCOPE, '--format', 'k8s-secret'], DEBUG);
    mustSucceed(await credctl(place, ['create', 'four', ...KEY, '--output', file]));
    const fromFile = search.add(onlySecretIn(readFileSync(file, 'utf8')));
    const rotated = await issue(['rotate', 'two', '--now', '--reason', 'a leak']);
    mustSucceed(await credctl(place, ['rotate', 'four', '--output', file, '--force']));
    search.add(onlySecretIn(readFileSync(file, 'utf8')));
    for (const input of [
      key,
      fromFile,
      rotated,
      `${key}x`,
      key.slice(0, -1),
      key.toUpperCase(),
      `${key}\n${key}`,
    ]) {
      for (const flags of [
        [],
        ['--json'],
        ['--scope', 'data:users'],
        ['--client-id', 'cctl_id_0123456789abcdef'],
      ]) {
        expectNoSecretIn(await credctl(place, ['verify', ...flags], { input, env: DEBUG }), 'verify');
      }
    }
    for (const argv of [
      ['rotate', 'one'],
      ['rotate', 'one', '--json'],
      ['create', 'five', ...KEY],
    ]) {
      for (const redirection of ['>&-', '> /dev/full', '> /dev/null']) {
        expectNoSecretIn(await credctlRedirected(place, argv, redirection, { env: DEBUG }), redirection);
      }
      expectNoSecretIn(await credctl(place, [...argv, '--output', file], { env: DEBUG }), 'an existing file');
    }
    for (const argv of [
      ['audit', 'export'],
      ['audit', 'export', '--json'],
      ['audit', 'list', '--json'],
      ['list', '--json'],
      ['show', 'one', '--json'],
      ['store', 'check'],
      ['store', 'info', '--json'],
    ]) {
      expectNoSecretIn(mustSucceed(await credctl(place, argv, { env: DEBUG })), argv.join(' '));
    }
    expect(search.size).toBe(6);
    expect(filesElsewhere()).toEqual([]);
    expect(search.filesIn(place.outputs)).toEqual(['secret']);
  });

  it('while a run hands it over: not in its command line, its environment, its log files', async () => {
    for (const argv of [
      ['create', 'one', ...KEY],
      ['rotate', 'one', '--now'],
    ]) {
      const held = await heldRun(place, 'one', argv, DEBUG);
      const visible = held.visible();
      const files = readdirSync(place.storeDirectory).map((name) => {
        return readFileSync(join(place.storeDirectory, name), 'latin1');
      });
      const exported = mustSucceed(await credctl(place, ['audit', 'export']));
      const ended = await held.release();
      expect(ended.exitCode, ended.stderr).toBe(0);
      search.add(onlySecretIn(ended.stdout));
      expect(files.length, 'the log was there').toBe(3);
      expect(visible).toContain(argv[1]);
      expect(search.isIn([visible, ...files, exported.stdout, ended.stderr].join('\n'))).toBe(false);
      expect(filesElsewhere()).toEqual([]);
    }
  });

  it('even when it is given where it does not belong', async () => {
    const secret = await issue(['create', 'one', ...KEY]);
    const mistakes: readonly (readonly string[])[] = [
      [secret],
      [`--${secret}`],
      ...['show', 'rotate', 'verify', 'activate', 'deactivate', 'edit'].map((command) => [command, secret]),
      ['delete', secret, '--yes'],
      ['create', secret, ...SCOPE],
      ['create', 'two', '--scope', secret],
      ['create', 'two', '--scope', `data:${secret}`],
      ...[
        '--owner',
        '--description',
        '--expires-in',
        '--expires-at',
        '--rotate-every',
        '--format',
        '--type',
      ].map((flag) => ['create', 'two', ...SCOPE, flag, secret]),
      ['create', 'two', ...SCOPE, '--label', `key=${secret}`],
      ['create', 'two', ...SCOPE, '--label', `${secret}=value`],
      ['create', 'two', ...SCOPE, '--output', `${secret}/file`],
      ['edit', 'one', '--name', secret],
      ['edit', 'one', '--description', `it is ${secret}`],
      ['edit', 'one', '--description', 'fine', '--reason', secret],
      ['list', '--store', secret],
      ['list', '--cursor', secret],
      ['list', '--search', secret],
      ['audit', '--target', secret],
      ['audit', 'verify', '--head', secret],
      ['owner', 'create', secret, '--kind', 'service'],
      ['catalog', 'use', secret],
      ['catalog', 'apply', '-f', secret],
    ];
    for (const argv of mistakes) {
      for (const extra of [[], ['--json']]) {
        const ended = await credctl(place, [...argv, ...extra], { env: DEBUG });
        expectNoSecretIn(ended, argv.join(' ').replaceAll(secret, 'SECRET'));
      }
    }
    const input = `name: ${secret}\n${secret}: [${secret}\n`;
    expectNoSecretIn(
      await credctl(place, ['catalog', 'apply', '-f', '-', '--yes'], { input, env: DEBUG }),
      'apply',
    );
    expect(filesElsewhere()).toEqual([]);
  });
});

describe('delete wipes the hashes from the file and its log', () => {
  it.each([
    ['sha256', /\$sha256\$[0-9a-f]{64}/g],
    ['bcrypt', /\$2[aby]\$\d\d\$[./0-9A-Za-z]{53}/g],
  ] as const)('%s', async (scheme, pattern) => {
    mustSucceed(await credctl(place, ['store', 'set', '--hash', scheme]));
    mustSucceed(await credctl(place, ['create', 'one', ...KEY]));
    mustSucceed(await credctl(place, ['rotate', 'one', '--now']));
    mustSucceed(await credctl(place, ['create', 'two', ...KEY]));
    const hashes = hashesOf('one');
    expect(hashes.length).toBe(2);
    for (const hash of hashes) expect([...bytesOfStore().matchAll(pattern)].flat()).toContain(hash);
    const { stderr } = mustSucceed(await credctl(place, ['delete', 'one', '--yes']));
    expect(stderr).not.toContain('another process');
    for (const hash of hashes) expect(bytesOfStore().includes(hash.slice(8))).toBe(false);
    expect(
      hashesOf('two').every((hash) => bytesOfStore().includes(hash)),
      'others keep theirs',
    ).toBe(true);
  });

  it('and says so when another process holds that back', async () => {
    mustSucceed(await credctl(place, ['create', 'one', ...KEY]));
    const [hash = ''] = hashesOf('one');
    const reader = new Database(place.store);
    try {
      reader.exec('begin; select count(*) from credential');
      reader.prepare('select count(*) from credential').get();
      const { stderr } = mustSucceed(await credctl(place, ['delete', 'one', '--yes']));
      expect(stderr).toContain('another process');
    } finally {
      reader.close();
    }
    mustSucceed(await credctl(place, ['list']));
    expect(bytesOfStore().includes(hash)).toBe(false);
  });

  function hashesOf(name: string): readonly string[] {
    const database = new Database(place.store, { readonly: true });
    try {
      const query = `select h.hash from version_hash h
        join credential c on c.key = h.credential_key where c.name = ?`;
      return database
        .prepare<[string], { hash: string }>(query)
        .all(name)
        .map(({ hash }) => hash);
    } finally {
      database.close();
    }
  }

  function bytesOfStore(): string {
    return readdirSync(place.storeDirectory)
      .map((name) => readFileSync(join(place.storeDirectory, name), 'latin1'))
      .join('\n');
  }
});

describe('the search itself', () => {
  it('finds a secret in a file, in the name of one, and in hexadecimal', async () => {
    const secret = await issue(['create', 'one', ...KEY]);
    writeFileSync(join(place.root, 'tmp', 'log'), `request: ${Buffer.from(secret).toString('hex')}`);
    mkdirSync(join(place.root, 'tmp', secret));
    expect([...filesElsewhere()].sort()).toEqual([`tmp/${secret}`, 'tmp/log'].sort());
  });
});
