import { describe, expect, it } from 'vitest';
import { openSession, type Session } from '../../support/program/run.js';
import { createDocument, credentialDocument, invalidDocument } from './output/shapes.js';

async function reasonFor(session: Session, secret: string | Uint8Array, ...flags: readonly string[]) {
  const { exitCode, stdout, stderr } = await session.run(['verify', '--json', ...flags], { stdin: secret });
  expect(stderr).toBe('');
  if (exitCode === 0) return 'valid';
  expect(exitCode).toBe(4);
  return invalidDocument.parse(JSON.parse(stdout)).reason;
}

describe('verify reads a secret from stdin', () => {
  it('takes a secret from the very command that makes the store', async () => {
    const session = await openSession();
    const create = 'credctl create ci-bot --type api-key --scope data:users -q';
    expect(await session.sh(`${create} | credctl verify`)).toMatchObject({
      exitCode: 0,
      stdout: 'valid: ci-bot, version 1, data:users\n',
    });
  });

  it('with white space, quotes or a byte-order mark around it, and however wide', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    const wide = (text: string) => Buffer.from(text, 'utf16le');
    for (const bytes of [
      ...['', '\n', '\r\n', '\n\n', '\r\n\r\n', '\r', ' ', '\t \n'].map((ending) => secret + ending),
      ` ${secret}`,
      `\ufeff${secret}`,
      `"${secret}"`,
      `Bearer ${secret}`,
      `Authorization: Bearer ${secret}`,
      `${secret}\n${secret}`,
      wide(`\ufeff${secret}\r\n`),
      wide(`${secret}\r\n`),
      wide(`\ufeff${secret}\r\n`).swap16(),
    ]) {
      expect(await reasonFor(session, bytes), JSON.stringify(bytes)).toBe('valid');
    }
  });

  it('but not one with anything else at its side', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    for (const bytes of [
      `${secret}\0`,
      `x${secret}`,
      `${secret}x`,
      `the key is ${secret}`,
      `${secret} # old`,
      `"${secret}'`,
    ]) {
      expect(await reasonFor(session, bytes), JSON.stringify(bytes)).toBe('malformed');
    }
  });

  it.each(['text', 'env', 'dotenv', 'json', 'k8s-secret', 'docker-secret'])(
    'in the format %s that create wrote, with the client id in it',
    async (format) => {
      const session = await openSession();
      for (const type of ['api-key', 'oauth2']) {
        const create = ['create', `a-${type}`, '--type', type, '--scope', 'data:users', '--format', format];
        const { stdout } = await session.run(create);
        expect(await reasonFor(session, stdout)).toBe('valid');
        if (type === 'api-key' || format === 'docker-secret') continue;
        const other = stdout.replaceAll(/_id_[0-9A-Za-z]{16}/g, '_id_0123456789ABCDEF');
        expect(await reasonFor(session, other)).toBe('unknown');
        expect(await reasonFor(session, stdout, '--client-id', 'cctl_id_0123456789ABCDEF')).toBe('unknown');
      }
    },
  );

  it('one at a time', async () => {
    const session = await openSession();
    const both = `${await session.issue('one')}\n${await session.issue('two')}\n`;
    const { exitCode, stdout, stderr } = await session.run(['verify'], { stdin: both });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^credctl: 2 different secrets were given\nhint: /);
    for (const secret of both.trim().split('\n')) expect(stderr).not.toContain(secret.slice(-20));
    const inOneLine = await session.run(['verify'], { stdin: both.replace('\n', ' ') });
    expect(inOneLine).toMatchObject({ exitCode: 2, stdout: '', stderr });
  });

  it('with the client id beside it, whatever shape that has', async () => {
    const session = await openSession();
    const { stdout } = await session.run(['create', 'o2', '--scope', 'data:users']);
    expect(await reasonFor(session, stdout)).toBe('valid');
    expect(await reasonFor(session, stdout.replace(/(?<=client_id=\S{12})\S+/, ''))).toBe('unknown');
    const { exitCode } = await session.run(['verify'], { stdin: `client_id=cctl_id_other\n${stdout}` });
    expect(exitCode).toBe(2);
  });

  it('and not from nothing', async () => {
    const session = await openSession();
    for (const bytes of ['', '\n', ' \r\n', '\ufeff']) {
      const { exitCode, stdout, stderr } = await session.run(['verify'], { stdin: bytes });
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toMatch(/^credctl: no secret was given\nhint: .*credctl verify < FILE/);
    }
  });

  it('that is binary or something else entirely', async () => {
    const session = await openSession();
    const binary = Uint8Array.from({ length: 4_096 }, (_, index) => (index * 37) % 256);
    for (const bytes of [
      'hello',
      'x'.repeat(100_000),
      '{"api_key":',
      binary,
      Uint8Array.of(0xff, 0xc3, 0xfe),
    ]) {
      expect(await reasonFor(session, bytes)).toBe('malformed');
    }
  });

  it('that has no end, and stops reading', async () => {
    const session = await openSession();
    const { exitCode, stdout, stderr } = await session.sh('yes | credctl verify');
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^credctl: standard input is longer/);
  });

  it('and never from an argument or a variable', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    expect((await session.run(['verify', secret])).exitCode).toBe(2);
    const env = { CREDCTL_SECRET: secret, SECRET: secret };
    expect((await session.run(['verify'], { env })).exitCode).toBe(2);
  });
});

describe('verify tells the admin why a secret is refused', () => {
  it('unknown, malformed or wrong', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    const foreign = 'cctl_key_0123456789AB003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3G6fTG';
    expect(await reasonFor(session, foreign)).toBe('unknown');
    expect(await reasonFor(session, secret.slice(0, -1))).toBe('malformed');
    expect(
      await reasonFor(
        session,
        secret.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      ),
    ).toBe('malformed');
    expect(await reasonFor(session, secret.toUpperCase())).toBe('malformed');
  });

  it('retired, inactive, of an inactive owner, expired, deleted', async () => {
    const session = await openSession();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    const old = await session.issue('ci-bot', '--owner', 'crm');
    const secret = (await session.ok('rotate', 'ci-bot', '--now', '-q')).trimEnd();
    expect(await reasonFor(session, old)).toBe('version_retired');
    await session.ok('owner', 'deactivate', 'crm');
    expect(await reasonFor(session, secret)).toBe('owner_inactive');
    await session.ok('deactivate', 'ci-bot');
    expect(await reasonFor(session, secret)).toBe('inactive');
    await session.ok('activate', 'ci-bot');
    await session.ok('owner', 'activate', 'crm');
    expect(await reasonFor(session, secret)).toBe('valid');
    await session.ok('delete', 'ci-bot', '--yes');
    expect(await reasonFor(session, secret)).toBe('deleted');
    const gone = await session.run(['verify'], { stdin: old });
    expect(gone).toMatchObject({ exitCode: 4, stderr: '' });
    expect(gone.stdout).toMatch(/^not valid: deleted \(ci-bot, deleted \d{4}-\S+Z\)\n$/);
    const short = await session.issue('short', '--expires-in', '1s');
    await session.sh('sleep 1.1');
    expect(await reasonFor(session, short)).toBe('expired');
  });

  it('another client, or not enough scope', async () => {
    const session = await openSession();
    const { credential, secret } = await session.json(
      createDocument,
      'create',
      'crm',
      '--scope',
      'data:users',
    );
    const text = secret !== null && 'client_secret' in secret ? secret.client_secret : '';
    const id = credential.client_id ?? '';
    expect(await reasonFor(session, text, '--client-id', id, '--scope', 'data:users')).toBe('valid');
    expect(await reasonFor(session, text, '--client-id', `${id.slice(0, -1)}_`)).toBe('unknown');
    expect(await reasonFor(session, text, '--scope', 'data:users', '--scope', 'data:conversations')).toBe(
      'insufficient_scope',
    );
    await session.refused(2, ['verify', '--scope', 'data:nonsense'], { stdin: text });
    const apiKey = await session.issue('ci-bot');
    expect(await reasonFor(session, apiKey, '--client-id', id)).toBe('unknown');
  });

  it('in words without --json, in silence with --quiet', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    const good = await session.run(['verify'], { stdin: secret });
    expect(good).toMatchObject({ exitCode: 0, stdout: 'valid: ci-bot, version 1, data:users\n', stderr: '' });
    const bad = await session.run(['verify'], { stdin: 'x' });
    expect(bad).toMatchObject({ exitCode: 4, stderr: '' });
    expect(bad.stdout).toMatch(/^not valid: malformed \(.+\)\n$/);
    expect(await session.run(['verify', '-q'], { stdin: secret })).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await session.run(['verify', '-q'], { stdin: 'x' })).toEqual({
      exitCode: 4,
      stdout: '',
      stderr: '',
    });
  });

  it('and is a look, no use, unless it is to count as one', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    await session.run(['verify'], { stdin: secret });
    const { credential: seen } = await session.json(credentialDocument, 'show', 'ci-bot');
    expect(seen).toMatchObject({ last_used_at: null, last_used_from: null });
    expect(seen.versions[0]).toMatchObject({ first_used_at: null, last_used_at: null });
    expect(seen.versions[0]?.received_at).not.toBeNull();
    await session.run(['verify', '--record-use'], { stdin: secret });
    const { credential } = await session.json(credentialDocument, 'show', 'ci-bot');
    expect(credential.last_used_at).not.toBeNull();
    expect(credential.versions[0]?.last_used_at).toBe(credential.last_used_at);
  });
});
