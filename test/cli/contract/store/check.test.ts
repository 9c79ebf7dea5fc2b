import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openSession, type Session } from '../../../support/program/run.js';

const DOCUMENT = z.strictObject({
  schema_version: z.literal(1),
  ok: z.boolean(),
  findings: z.array(
    z.strictObject({
      check: z.string(),
      severity: z.enum(['error', 'warning', 'note']),
      message: z.string().min(1),
      fix: z.string().min(1),
    }),
  ),
});

async function check(session: Session) {
  const { exitCode, stdout } = await session.run(['store', 'check', '--json']);
  const document = DOCUMENT.parse(JSON.parse(stdout));
  expect(exitCode).toBe(document.ok ? 0 : 9);
  return document;
}

describe('store check', () => {
  it('names a copy of the store that others can read, with the command that closes it', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const copy = `${session.workspace.defaultStore}.replaced-20260101T000000000Z`;
    writeFileSync(copy, 'x', { mode: 0o600 });
    expect((await check(session)).findings).toEqual([]);
    chmodSync(copy, 0o644);
    const { ok, findings } = await check(session);
    expect(ok).toBe(false);
    expect(findings).toMatchObject([{ check: 'modes', severity: 'error' }]);
    expect((await session.sh(findings[0]?.fix ?? 'false')).exitCode).toBe(0);
    expect((await check(session)).findings).toEqual([]);
  });

  it('notes a directory that others can look into, and what killed commands left', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const directory = dirname(session.workspace.defaultStore);
    chmodSync(directory, 0o755);
    mkdirSync(`${directory}/.credctl.db.4194305-0123456789ab.draft`, 0o700);
    const { ok, findings } = await check(session);
    expect(ok).toBe(true);
    expect(findings.map(({ check: name, severity }) => [name, severity])).toEqual([
      ['modes', 'note'],
      ['leftovers', 'note'],
    ]);
    for (const { fix } of findings) expect((await session.sh(fix.split(', ')[0] ?? '')).exitCode).toBe(0);
    expect((await check(session)).findings).toEqual([]);
  });

  it('finds a secret that somebody planted, and its fix kills that secret', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const database = new Database(session.workspace.defaultStore);
    database.exec(
      `insert into version (credential_key, number, id, created_at, delivered_at, destinations)
         select credential_key, 2, 'planted00000', created_at, delivered_at, destinations from version;
       insert into version_hash values ('planted00000', 1, 2, '$sha256$${'0'.repeat(64)}')`,
    );
    database.close();
    const { findings } = await check(session);
    expect(findings).toMatchObject([{ check: 'accounts', severity: 'error' }]);
    const [command = ''] = /credctl [^;]+/.exec(findings[0]?.fix ?? '') ?? [];
    expect((await session.sh(`${command} > new.txt`)).exitCode).toBe(0);
    const shown = await session.ok('show', 'ci-bot', '--json');
    expect(shown).toMatch(/"version":2,"state":"revoked"/);
  });
});

/** Everything that a session with a keychain of its own needs; null, with the reason on stderr, where it is missing. */
async function missingProgram(): Promise<string | null> {
  for (const program of ['dbus-run-session', 'gnome-keyring-daemon', 'secret-tool']) {
    const { exitCode } = await execa('sh', ['-c', `command -v ${program}`], { reject: false });
    if (exitCode !== 0) return program;
  }
  return null;
}

const missing = await missingProgram();
if (missing !== null) process.stderr.write(`store check is not tried with a keychain: no ${missing}\n`);

describe.skipIf(missing !== null)('store check, with a real keychain', () => {
  const UNLOCK = 'printf pw | gnome-keyring-daemon --unlock --components=secrets > /dev/null 2>&1';
  const PLANT = 'printf dead | secret-tool store --label x service credctl target default username';

  async function inKeychainSession(session: Session, script: string): Promise<string> {
    await session.workspace.write('script.sh', `set -e\n${UNLOCK}\n${script}\n`);
    mkdirSync(`${session.workspace.root}/run`, { mode: 0o700 });
    const { exitCode, stdout, stderr } = await session.sh('dbus-run-session -- sh script.sh', {
      env: { XDG_RUNTIME_DIR: `${session.workspace.root}/run` },
    });
    expect(exitCode, stderr).toBe(0);
    return stdout;
  }

  it('finds secrets of versions that have ended and of credentials that were deleted, and says how to remove them', async () => {
    const session = await openSession();
    await session.workspace.configure('hash = "sha256"\nkeychain_timeout = "60s"\n');
    const stdout = await inKeychainSession(
      session,
      `credctl create bot --type api-key --scope data:users --keychain --no-print
       store=$(credctl store info --json | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
       bot=$(credctl show bot --json | sed 's/.*"credential":{"id":"\\([^"]*\\)".*/\\1/')
       credctl store check
       credctl rotate bot --now --keychain --no-print
       ${PLANT} "$store/$bot/1"
       credctl store check
       credctl delete bot --yes
       ${PLANT} "$store/$bot/2"
       credctl store check > found.txt
       cat found.txt
       sed -n 's/.*Linux: \\(secret-tool [^;]*\\);.*/\\1/p' found.txt > remove.sh
       sh remove.sh
       credctl store check`,
    );
    const lines = stdout.split('\n').filter((line) => !line.startsWith('  fix: '));
    expect(lines[0]).toBe('no problems found');
    expect(lines[1]).toBe('warning: the keychain still holds version 1 of bot, which is revoked (keychain)');
    expect(
      lines.slice(2, -2).some((line) => /version 2 of [0-9a-f-]{36}, which was deleted/.test(line)),
    ).toBe(true);
    expect(lines.at(-2)).toBe('no problems found');
  });

  it('removes the copies of credentials that a restore deletes', async () => {
    const session = await openSession();
    await session.workspace.configure('hash = "sha256"\nkeychain_timeout = "60s"\n');
    const stdout = await inKeychainSession(
      session,
      `credctl create bot --type api-key --scope data:users --keychain --no-print
       credctl store backup b.db
       credctl create since --type api-key --scope data:users --keychain --no-print
       credctl store restore b.db --force --yes
       secret-tool search --all service credctl 2>&1 | grep -c username
       credctl keychain list`,
    );
    expect(stdout).toBe('1\nNAME\tVERSION\tSTATE\nbot\t1\tcurrent\n');
  });
});

describe('store check, without a keychain', () => {
  it('says that it was not looked at where a secret went there, and is in order all the same', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('rotate', 'ci-bot', '--now', '-q');
    const database = new Database(session.workspace.defaultStore);
    database.exec("update version set destinations = 'keychain' where number = 1");
    database.close();
    const { ok, findings } = await check(session);
    expect(ok).toBe(true);
    expect(findings.map(({ check: name, severity }) => [name, severity])).toEqual([['keychain', 'note']]);
  });
});
