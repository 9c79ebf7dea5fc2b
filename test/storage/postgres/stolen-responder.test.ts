import { describe, expect, it } from 'vitest';
import { type StolenLogin, stolenLogin } from '../../support/postgres/stolen-login.js';
import { type POSTGRES_18, POSTGRES_ENGINES } from '../../support/postgres/stores.js';
import { openTeamSession, type TeamSession } from '../../support/postgres/verifier-login.js';

const STOP = 'select credctl.stop_for_leak($1::text, $2::text, $3::text)::text as stopped';

const NO_LINE = '22023';

interface Break {
  readonly session: TeamSession;
  readonly stolen: StolenLogin;
}

/** A store, and the login of a server that stops what has leaked, in other hands. */
async function breakIn(engine: typeof POSTGRES_18): Promise<Break> {
  const session = await openTeamSession(engine);
  return { session, stolen: await stolenLogin(session, 'responder') };
}

const idOf = (secret: string): string => secret.slice('cctl_key_'.length, 'cctl_key_'.length + 12);

/** Records a leak of a secret, as that login may. */
async function leak({ stolen }: Break, secret: string): Promise<void> {
  await stolen.sql(
    `select l from credctl.record_leaks(array[$1::text], null, null, array['github'], array['here'],
      array[extract(epoch from now())::bigint * 1000]) as l`,
    secret.slice(0, 'cctl_key_'.length + 12),
  );
}

async function stop({ stolen }: Break, secret: string, reason: string | null = 'leaked'): Promise<unknown> {
  const [row] = await stolen.sql<{ stopped: string }>(STOP, idOf(secret), 'server@host', reason);
  return row?.stopped;
}

async function status({ session }: Break, name: string): Promise<string> {
  const { credential } = JSON.parse(await session.ok('show', name, '--json')) as {
    credential: { status: string };
  };
  return credential.status;
}

async function expectSound({ session }: Break): Promise<void> {
  await session.ok('audit', 'verify');
  const { findings } = JSON.parse(await session.ok('store', 'check', '--json')) as {
    findings: readonly { readonly severity: string; readonly check: string }[];
  };
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
}

describe.each(POSTGRES_ENGINES)('a stolen login of the role responder on $label', (engine) => {
  it('stops what works and has an open leak, by an event like any other, and nothing else', async () => {
    const at = await breakIn(engine);
    const { session } = at;
    const [bot, other, rotated] = [
      await session.issue('bot'),
      await session.issue('other'),
      await session.issue('rotated'),
    ];
    await session.ok('rotate', 'rotated', '--now', '-q');
    expect(await stop(at, bot)).toBe('false');
    for (const secret of [bot, rotated]) await leak(at, secret);
    expect(await stop(at, rotated)).toBe('false');
    expect(await stop(at, other)).toBe('false');
    expect(await stop(at, 'cctl_key_AAAAAAAAAAAA')).toBe('false');
    expect(await stop(at, bot, 'leaked in "a\\b" ✓')).toBe('true');
    expect(await stop(at, bot)).toBe('false');
    expect([await status(at, 'bot'), await status(at, 'other'), await status(at, 'rotated')]).toEqual([
      'inactive',
      'active',
      'active',
    ]);
    const { events } = JSON.parse(await session.ok('audit', '--target', 'bot', '--limit', '1', '--json')) as {
      events: readonly unknown[];
    };
    expect(events).toEqual([
      expect.objectContaining({
        action: 'credential.deactivate',
        actor: 'server@host',
        reason: 'leaked in "a\\b" ✓',
        login: expect.stringMatching(/^responder_/),
      }),
    ]);
    await expectSound(at);
    await session.ok('activate', 'bot');
    await session.ok('leaks', 'close', '1', '--reason', 'seen');
    expect(await stop(at, bot)).toBe('false');
  });

  it('cannot write what the trail could not be read with, whatever it says and however it asks', async () => {
    const at = await breakIn(engine);
    const { session, stolen } = at;
    const bot = await session.issue('bot');
    await leak(at, bot);
    const refused = ['', 'a\nb', '\u0001', '\u007f', '\u0085', '\ufffd', 'x'.repeat(1_025)];
    for (const text of refused) {
      expect([text, await stolen.refusal(STOP, idOf(bot), 'server@host', text)]).toEqual([text, NO_LINE]);
      expect([text, await stolen.refusal(STOP, idOf(bot), text, 'leaked')]).toEqual([text, NO_LINE]);
    }
    expect(await stolen.refusal(STOP, idOf(bot), null, 'leaked')).toBe(NO_LINE);
    expect(await stolen.refusal(STOP, idOf(bot), 'server@host', null)).toBe(NO_LINE);
    const written = [
      '"',
      '\\',
      '\\u0000',
      '","seq":1,"x":"',
      '</script>',
      '\u2028\u200f',
      '🔑é',
      'x'.repeat(1_024),
    ];
    for (const text of written) {
      expect([text, await stop(at, bot, text)]).toEqual([text, 'true']);
      await session.ok('activate', 'bot');
    }
    for (const setting of [
      'set standard_conforming_strings = off',
      'set search_path = pg_temp, public',
      'set datestyle = german',
      'set extra_float_digits = -15',
      'set backslash_quote = on',
      'create temporary table audit_head (id int, seq int, hash text)',
      'create temporary table credential (id text)',
      "set lock_timeout = '1ms'",
    ]) {
      await stolen.refusal(setting);
      expect([setting, await stop(at, bot, 'a\\b "c" 2')]).toEqual([setting, 'true']);
      await session.ok('activate', 'bot');
    }
    for (const level of ['repeatable read', 'serializable']) {
      await stolen.sql(`begin isolation level ${level}`);
      expect(await stolen.refusal(STOP, idOf(bot), 'server@host', 'leaked')).toBe('25001');
      await stolen.sql('rollback');
    }
    await expectSound(at);
  });

  it('can hold up changes while it keeps a transaction open, but no check of a secret, and takes back all of it', async () => {
    const at = await breakIn(engine);
    const { session, stolen } = at;
    const bot = await session.issue('bot');
    await leak(at, bot);
    await stolen.sql('begin');
    expect(await stop(at, bot)).toBe('true');
    expect(await status(at, 'bot')).toBe('active');
    await session.ok('list');
    await stolen.sql('rollback');
    expect(await status(at, 'bot')).toBe('active');
    await session.ok('edit', 'bot', '--description', 'x');
    await expectSound(at);
  });
});
