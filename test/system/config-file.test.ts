import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/system/config-file.js';
import { failure } from '../storage/fixtures.js';
import { temporaryDirectory } from '../support/stores/stores.js';

function configFile(text: string | null): string {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.dispose());
  const path = join(directory.path, 'config.toml');
  if (text !== null) writeFileSync(path, text);
  return path;
}

const COMPLETE = `
store = "/srv/credctl.db"
keychain_timeout = "5s"
prefix = "acme"
hash = "bcrypt"
bcrypt_cost = 12
catalog = "empty"
`;

describe('the configuration file', () => {
  it('says what it says', async () => {
    expect(await readConfig(configFile(COMPLETE))).toEqual({
      store: '/srv/credctl.db',
      keychain_timeout: '5s',
      prefix: 'acme',
      hash: 'bcrypt',
      bcrypt_cost: 12,
      catalog: 'empty',
    });
  });

  it('may say nothing, or be absent, or have no directory', async () => {
    expect(await readConfig(configFile(''))).toEqual({});
    expect(await readConfig(configFile(null))).toEqual({});
    expect(await readConfig(join(configFile(''), 'below-a-file'))).toEqual({});
  });

  it.each([
    ['is no TOML', 'store = /srv', /not valid TOML \(line 1\)/],
    ['is no TOML further down', 'store = "a"\n\n= 1\n', /not valid TOML \(line 3\)/],
    ['has an entry that nobody knows', 'stor = "/srv"', /unknown entry: "stor"/],
    ['has an entry of the wrong type', 'store = 5', /invalid value for "store"/],
    ['has an empty store', 'store = ""', /invalid value for "store"/],
    ['has an unknown scheme', 'hash = "md5"', /invalid value for "hash"/],
    ['has a cost that is too low', 'bcrypt_cost = 3', /invalid value for "bcrypt_cost"/],
    ['has a cost that is too high', 'bcrypt_cost = 17', /invalid value for "bcrypt_cost"/],
    ['has a cost with a fraction', 'bcrypt_cost = 10.5', /invalid value for "bcrypt_cost"/],
    [
      'has a timeout that is no duration',
      'keychain_timeout = "fast"',
      /invalid value for "keychain_timeout"/,
    ],
    ['has a section', '[store]\npath = "/srv"', /invalid value for "store"/],
  ])('that %s is refused, and the place is named', async (_what, text, message) => {
    await expect(readConfig(configFile(text))).rejects.toEqual(failure('usage', message));
  });

  it('with a mistyped entry is told the nearest one, and all that there are', async () => {
    const hint = /did you mean store\? .*store, keychain_timeout, prefix, hash, bcrypt_cost, catalog/;
    await expect(readConfig(configFile('stor = "/srv"'))).rejects.toEqual(failure('usage', /stor/, hint));
  });

  it('that cannot be read is refused', async () => {
    const path = configFile(null);
    mkdirSync(path);
    await expect(readConfig(path)).rejects.toEqual(failure('usage', /cannot read/));
  });

  it.each(['postgres://me:hunter2@host/db', 'postgres://host/db?%70assword=hunter2'])(
    'that others can read is refused once it holds a password: %s',
    async (url) => {
      const path = configFile(`store = "${url}"`);
      chmodSync(path, 0o640);
      await expect(readConfig(path)).rejects.toEqual(
        failure('denied', /^other users can read (?!.*hunter2)/, /^chmod 600 /),
      );
      chmodSync(path, 0o600);
      expect(await readConfig(path)).toEqual({ store: url });
    },
  );

  it.each([0o620, 0o602, 0o666])('that others can write is refused: %o', async (mode) => {
    const path = configFile(COMPLETE);
    chmodSync(path, mode);
    await expect(readConfig(path)).rejects.toEqual(
      failure('denied', /^other users can write/, /chmod go-w \//),
    );
  });

  it.runIf(process.geteuid?.() === 0)(
    'that is another user’s FIFO is refused, and not waited for',
    async () => {
      const path = `${configFile(COMPLETE)}.fifo`;
      execFileSync('mkfifo', [path]);
      chownSync(path, 65_534, 65_534);
      await expect(readConfig(path)).rejects.toEqual(failure('denied', /belongs to another user/));
    },
  );

  it.runIf(process.geteuid?.() === 0)('that belongs to another user is refused, even for root', async () => {
    const path = configFile(COMPLETE);
    chownSync(path, 65_534, 65_534);
    await expect(readConfig(path)).rejects.toEqual(
      failure('denied', /belongs to another user \(uid 65534\)/, /chown 0 \//),
    );
  });

  it.each([
    'team.db',
    './team.db',
    '../team.db',
    'sqlite:team.db',
    '~',
    '~alice/team.db',
    'sqlite:~alice/team.db',
    '$HOME/team.db',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: no shell expands it
    '${HOME}/team.db',
    '%APPDATA%/team.db',
    'postgres://me@host/db?sslmode=verify-full&sslrootcert=ca.pem',
    'postgres://me@host/db?sslrootcert=/ca.pem&%73slkey=key%2Epem',
    'postgres://me@host/db?sslcert=~/cert.pem',
  ])('that names a place which depends on where one stands is refused: %s', async (store) => {
    const path = configFile(`store = "${store}"`);
    await expect(readConfig(path)).rejects.toEqual(
      failure('usage', /not absolute$|that the shell did not expand$/, /~\//),
    );
  });

  it.each([
    '/srv/team.db',
    '~/team.db',
    'sqlite:~/team.db',
    'sqlite:/srv/team.db',
    'postgres://me@host/db',
    'postgres://me@host/db?sslmode=verify-full&sslrootcert=/etc/ca.pem',
    'postgres://me@host/db?sslrootcert=%2Fetc%2Fca.pem',
    'postgres:///db?host=/run/postgresql',
  ])('may name %s', async (store) => {
    expect(await readConfig(configFile(`store = "${store}"`))).toEqual({ store });
  });

  it('that is not valid UTF-8 is refused', async () => {
    const path = configFile(null);
    writeFileSync(path, Buffer.from('store = "/srv/caf\xe9.db"', 'latin1'));
    await expect(readConfig(path)).rejects.toEqual(failure('usage', /config\.toml" is not valid UTF-8$/));
  });

  it('may have no place that it could be at', async () => {
    expect(await readConfig(null)).toEqual({});
  });

  it('that others can read will do without a password', async () => {
    const path = configFile('store = "postgres://me@host/db"');
    chmodSync(path, 0o644);
    expect(await readConfig(path)).toEqual({ store: 'postgres://me@host/db' });
  });

  it('never has its values repeated in a message', async () => {
    const path = configFile('store = "postgres://me:hunter2@host/db"\nhash = "hunter2"\n');
    const fault: unknown = await readConfig(path).catch((thrown: unknown) => thrown);
    expect(fault).toEqual(failure('usage', /^(?!.*hunter2)/, /^(?!.*hunter2)/));
  });
});
