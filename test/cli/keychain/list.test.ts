import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import { preflightAccount } from '../../../src/system/keychain/preflight-entry.js';
import { onTerminal } from '../../support/program/terminal.js';
import { ENDED, FOREIGN, REUSED } from '../../support/stores/leftover-names.js';
import { KEY, listed } from './saved.js';
import { describeWithKeyring } from './with-keyring.js';

describeWithKeyring('keychain list', (keyring, open) => {
  it('shows what the keychain holds of this store, by name, without secrets', async () => {
    const session = await open();
    const secrets = [
      await session.ok('create', 'b', ...KEY, '--keychain'),
      await session.ok('create', 'a', ...KEY, '--keychain'),
    ];
    await session.ok('create', 'c', ...KEY);
    const { stdout, stderr } = await session.run(['keychain', 'list']);
    expect({ stdout, stderr }).toEqual({
      stdout: 'NAME\tVERSION\tSTATE\na\t1\tcurrent\nb\t1\tcurrent\n',
      stderr: '',
    });
    expect(await session.ok('keychain', 'list', '-q')).toBe(stdout);
    for (const secret of secrets) expect(stdout).not.toContain(secret.trim().slice(-40));
    const { text } = await onTerminal(session, 'credctl keychain list');
    expect(text).toMatch(/NAME +VERSION +STATE/);
    expect(text).toMatch(/a +1 +current/);
  });

  it('says how each of them is', async () => {
    const session = await open();
    await session.ok('create', 'a', ...KEY, '--keychain');
    expect(await listed(session)).toEqual(['a 1 current']);
    await session.ok('rotate', 'a');
    expect(await listed(session)).toEqual(['a 1 retiring']);
    await session.ok('rotate', 'a', '--finish', '--force');
    expect(await listed(session)).toEqual(['a 1 retired']);
    for (let n = 0; n < 11; n += 1) await session.ok('rotate', 'a', '--now');
    expect(await listed(session), 'long after the store has shown it last').toEqual(['a 1 retired']);
    await session.ok('delete', 'a', '--yes');
    expect(await listed(session)).toEqual([]);
  });

  it('is empty where there is nothing, and where there is no store', async () => {
    const session = await open();
    expect(await session.ok('keychain', 'list')).toBe('NAME\tVERSION\tSTATE\n');
    expect(await listed(session)).toEqual([]);
    const { text } = await onTerminal(session, 'credctl keychain list');
    expect(text).toContain('the keychain has no secrets of this store');
  });

  it('shows none of the entries that others have saved under our name', async () => {
    const session = await open();
    await session.ok('create', 'a', ...KEY, '--keychain');
    const store = await session.storeId();
    for (const username of [
      'x',
      `${store}/`,
      `${store}/a`,
      `${store}/a/b/1`,
      `${store}/a/0`,
      `${store}x/a/1`,
    ]) {
      await keyring().save({ service: 'credctl', username }, 'theirs');
    }
    await keyring().save({ service: 'another', username: `${store}/a/7` }, 'theirs');
    expect(await listed(session)).toEqual(['a 1 current']);
  });
});

describeWithKeyring('an entry that a kill during the preflight left', (keyring, open) => {
  it('is swept by the next look, unless its process lives or is of another machine', async () => {
    const session = await open();
    const random = '0123456789abcdef';
    const dead = spawnSync('true').pid;
    const others = [
      preflightAccount(),
      `preflight/${FOREIGN}/${random}`,
      `preflight/elsewhere/${dead}/${random}`,
      `preflight/${hostname()}/${process.pid}/${random}`,
      'preflight/x',
    ];
    const left = [ENDED, REUSED, `${hostname()}/${dead}`].map((who) => `preflight/${who}/${random}`);
    for (const username of [...others, ...left]) {
      await keyring().save({ service: 'credctl', username }, 'preflight');
    }
    expect(await listed(session)).toEqual([]);
    const kept = (await keyring().entries()).map(({ account }) => account);
    expect(kept).toEqual(others.toSorted());
  });
});
