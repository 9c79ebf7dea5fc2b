import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { STATES } from '../../../../src/domain/scan/finding.js';
import { composeSecret } from '../../../../src/domain/secret/secret-format.js';
import { scanned, strangerSecret } from '../../../cli/scan/scanned.js';
import { exampleOf, readPage } from '../../../support/build/page.js';
import { openSession } from '../../../support/program/run.js';
import { exitCodes, PAGE, repository, settings } from './repository.js';

describe('what the page says of a look', () => {
  it('holds in a repository with and without a secret', async () => {
    const session = await openSession();
    const git = await repository(session, null);
    const secret = await session.issue('web-shop');
    await session.workspace.write('mail.txt', 'nothing');
    const look = exampleOf(PAGE, 'look.sh');
    expect(await exitCodes(session, look)).toEqual([0, 0, 0, 0]);
    for (const file of ['settings.yaml', 'mail.txt']) await session.workspace.write(file, settings(secret));
    await git('add', 'settings.yaml');
    await git('commit', '-q', '-m', 'three');
    expect(await exitCodes(session, look)).toEqual([10, 10, 0, 10]);
    await git('add', 'mail.txt');
    expect(await exitCodes(session, look)).toEqual([10, 10, 10, 10]);
  });

  it('holds for each state', async () => {
    const session = await openSession();
    const live = await session.issue('live');
    const dead = await session.issue('dead');
    await session.ok('deactivate', 'dead');
    const forged = composeSecret('cctl', 'key', live.slice(9, 21), 'f'.repeat(43));
    const texts: Readonly<Record<string, readonly string[]>> = {
      live: [live],
      dead: [dead, await session.ok('create', 'bait', '--type', 'api-key', '--canary', '-q')],
      forged: [forged],
      foreign: [strangerSecret(1)],
      unchecked: [strangerSecret(1)],
    };
    const rows = [...readPage(PAGE).matchAll(/^\| `([a-z]+)` \| .* \| (\d+) \|$/gm)];
    expect(rows.map(([, state]) => state).toSorted()).toEqual(STATES.toSorted());
    for (const [, state = '', code] of rows) {
      const flags = state === 'unchecked' ? ['--stdin', '--offline'] : ['--stdin'];
      for (const text of texts[state] ?? []) {
        expect(await scanned(session, flags, text)).toMatchObject({
          exitCode: Number(code),
          findings: [{ state }],
        });
      }
    }
  });

  it('holds for what is found and what is not', async () => {
    const session = await openSession();
    const secret = strangerSecret(1);
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const find = async (text: string | Uint8Array) =>
      (await scanned(session, ['--stdin', '--offline'], text)).findings.length;
    const encoded = base64(secret);
    for (const text of [
      Buffer.from(secret, 'utf16le'),
      Buffer.from(secret, 'utf16le').swap16(),
      ...['', 'x', 'xy'].map((before) => base64(before + secret)),
      Buffer.from(`??${secret}`).toString('base64url'),
      encoded.replaceAll(/.{20}/g, '$&\n  '),
      secret.replaceAll('_', '%5f'),
      `Authorization: Basic ${base64(`cctl_id_${'0'.repeat(16)}:${secret}`)}`,
    ]) {
      expect(await find(text), String(text)).toBe(1);
    }
    for (const text of [
      gzipSync(secret),
      Buffer.from(secret).toString('hex'),
      base64(encoded),
      `${encoded.slice(0, 3)}\n${encoded.slice(3)}`,
      `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`,
    ]) {
      expect(await find(text), String(text)).toBe(0);
    }
  });

  it.skipIf(process.getuid?.() !== 0)('holds for a repository of another user', async () => {
    const session = await openSession();
    await repository(session, strangerSecret(1));
    await session.sh('chown -R 1234 .');
    const look = () => session.run(['scan', '--history', '--offline']);
    expect((await look()).exitCode).toBe(7);
    const [trust = ''] = /git config --global [^`]+/.exec(readPage(PAGE)) ?? [];
    expect(trust).toMatch(/ PATH$/);
    await session.sh(trust.replace('PATH', '"$PWD"'));
    expect((await look()).exitCode).toBe(10);
  });
});
