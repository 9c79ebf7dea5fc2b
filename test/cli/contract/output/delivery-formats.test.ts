import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openSession, type Session } from '../../../support/program/run.js';
import { onTerminal } from '../../../support/program/terminal.js';
import { createDocument } from './shapes.js';

const KEY = 'cctl_key_[0-9A-Za-z]{61}';
const SECRET = 'cctl_sec_[0-9A-Za-z]{61}';
const ID = 'cctl_id_[0-9A-Za-z]{16}';

const flagsOf = (type: string): readonly string[] => ['--type', type, '--scope', 'data:users'];

/** Creates a credential and hands its secret over twice: the bytes must be the same in the pipe and in the file. */
async function deliver(session: Session, name: string, type: string, ...flags: readonly string[]) {
  const printed = await session.ok(
    ...['create', name, ...flagsOf(type), '--output', 'secret', '--force', '--print', ...flags],
  );
  expect(await session.workspace.read('secret')).toBe(printed);
  return printed;
}

describe('the exact bytes, piped and in a file', () => {
  const expected: readonly (readonly [string, readonly string[], apiKey: string, client: string])[] = [
    ['text', [], `${KEY}\n`, `client_id=${ID}\nclient_secret=${SECRET}\n`],
    ['text', ['--format', 'text'], `${KEY}\n`, `client_id=${ID}\nclient_secret=${SECRET}\n`],
    ['-q', ['-q'], `${KEY}\n`, `${SECRET}\n`],
    [
      'env',
      ['--format', 'env'],
      `export CI_BOT_API_KEY='${KEY}'\n`,
      `export CI_BOT_CLIENT_ID='${ID}'\nexport CI_BOT_CLIENT_SECRET='${SECRET}'\n`,
    ],
    [
      'dotenv',
      ['--format', 'dotenv'],
      `CI_BOT_API_KEY=${KEY}\n`,
      `CI_BOT_CLIENT_ID=${ID}\nCI_BOT_CLIENT_SECRET=${SECRET}\n`,
    ],
    ['docker-secret', ['--format', 'docker-secret'], KEY, SECRET],
    ['docker-secret with -q', ['--format', 'docker-secret', '-q'], KEY, SECRET],
    [
      'dotenv with a prefix',
      ['--format', 'dotenv', '--env-prefix', 'MY_app1'],
      `MY_app1_API_KEY=${KEY}\n`,
      `MY_app1_CLIENT_ID=${ID}\nMY_app1_CLIENT_SECRET=${SECRET}\n`,
    ],
  ];

  it.each(expected)('%s %j', async (_, flags, apiKey, client) => {
    const session = await openSession();
    expect(await deliver(session, 'ci-bot', 'api-key', ...flags)).toMatch(new RegExp(`^${apiKey}$`));
    await session.ok('delete', 'ci-bot', '--yes');
    expect(await deliver(session, 'ci-bot', 'oauth2', ...flags)).toMatch(new RegExp(`^${client}$`));
  });

  it('json: the document that --json prints', async () => {
    const session = await openSession();
    const document = createDocument.parse(
      JSON.parse(await deliver(session, 'x', 'oauth2', '--format', 'json')),
    );
    expect(document.delivered_to.toSorted()).toEqual(['file', 'stdout']);
    const printed = await session.ok('create', 'y', ...flagsOf('api-key'), '--json');
    expect(createDocument.parse(JSON.parse(printed)).delivered_to).toEqual(['stdout']);
  });

  it('docker-secret: with a line end on a terminal, where remarks follow', async () => {
    const session = await openSession();
    const { text } = await onTerminal(
      session,
      'credctl create x --type api-key --scope data:users --format docker-secret',
    );
    expect(text).toMatch(new RegExp(`^${KEY}$`, 'm'));
  });

  it('of a rotation are those of a creation', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const bytes = await session.ok('rotate', 'ci-bot', '--format', 'env', '--output', 'new.env', '--print');
    expect(bytes).toMatch(new RegExp(`^export CI_BOT_API_KEY='${KEY}'\n$`));
    expect(await session.workspace.read('new.env')).toBe(bytes);
  });
});

describe('the name of a variable', () => {
  it.each([
    ['ci-bot', 'CI_BOT'],
    ['Team/crm.sync-2', 'TEAM_CRM_SYNC_2'],
    ['9lives', '_9LIVES'],
    ['2024/export', '_2024_EXPORT'],
    ['a_b', 'A_B'],
    ['x', 'X'],
  ])('is made of %s as %s', async (name, variable) => {
    const session = await openSession();
    const line = await session.ok('create', name, ...flagsOf('api-key'), '--format', 'dotenv');
    expect(line.split('=')[0]).toBe(`${variable}_API_KEY`);
  });

  it.each(['1X', 'A-B', '', 'A B', 'A=', 'Ä', '$(id)', 'A;B'])(
    'cannot begin with the prefix %j',
    async (prefix) => {
      const session = await openSession();
      const args = ['create', 'x', ...flagsOf('api-key'), '--format', 'env', `--env-prefix=${prefix}`];
      await session.refused(2, args);
      expect(await session.ok('list')).not.toContain('api-key');
    },
  );

  it('is not asked for where the format has none', async () => {
    const session = await openSession();
    await session.refused(2, ['create', 'x', ...flagsOf('api-key'), '--env-prefix', 'X']);
    for (const format of ['text', 'json', 'docker-secret']) {
      const flags = ['--format', format, '--env-prefix', 'X'];
      await session.refused(2, ['create', 'x', ...flagsOf('api-key'), ...flags]);
    }
  });
});

describe('what other programs make of it', () => {
  it('a shell takes over the variables of --format env', async () => {
    const session = await openSession();
    const { exitCode, stdout } = await session.sh(
      `eval "$(credctl create 9/ci-bot --scope data:users --format env)" &&
       printf %s "$_9_CI_BOT_CLIENT_SECRET" | credctl verify --client-id "$_9_CI_BOT_CLIENT_ID"`,
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'valid: 9/ci-bot, version 1, data:users\n' });
  });

  it('a shell and a dotenv reader agree on --format dotenv', async () => {
    const session = await openSession();
    await session.ok('create', 'crm', '--scope', 'data:users', '--format', 'dotenv', '--output', '.env');
    const lines = (await session.workspace.read('.env')).trimEnd().split('\n');
    const read = Object.fromEntries(lines.map((line) => line.split('=', 2)));
    expect(Object.keys(read)).toEqual(['CRM_CLIENT_ID', 'CRM_CLIENT_SECRET']);
    const { stdout } = await session.sh(
      'set -a; . ./.env; printf "%s %s" "$CRM_CLIENT_ID" "$CRM_CLIENT_SECRET"',
    );
    expect(stdout).toBe(Object.values(read).join(' '));
  });

  it.each([
    ['ci-bot', 'ci-bot'],
    ['Team/CRM_sync.v2', 'team-crm-sync.v2'],
    ['a_', 'a'],
    ['a-_.-b', 'a.b'],
    ['dot.', 'dot'],
    ['true', 'true'],
    ['NULL', 'null'],
    ['42', '42'],
    ['1e3', '1e3'],
    ['1.5', '1.5'],
    ['1.0e5', '1.0e5'],
    ['0x1f', '0x1f'],
    ['0o17', '0o17'],
    ['2026-01-01', '2026-01-01'],
    ['9lives', '9lives'],
    ['x'.repeat(128), 'x'.repeat(128)],
  ])('Kubernetes takes the Secret of %s', async (name, resource) => {
    const session = await openSession();
    const yaml = await session.ok('create', name, '--scope', 'data:users', '--format', 'k8s-secret');
    for (const version of ['1.1', '1.2'] as const) {
      const manifest: unknown = parse(yaml, { version });
      const variable = name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
      const prefix = /^\d/.test(variable) ? `_${variable}` : variable;
      expect(manifest).toMatchObject({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: resource },
        type: 'Opaque',
        stringData: {
          [`${prefix}_CLIENT_ID`]: expect.stringMatching(ID),
          [`${prefix}_CLIENT_SECRET`]: expect.stringMatching(SECRET),
        },
      });
    }
    expect(resource, 'RFC 1123 subdomain').toMatch(
      /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    );
  });
});
