import { readFileSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStoreAt } from '../../../src/storage/open.js';
import { someEvents } from '../../storage/contract/audit.js';
import { outageProxy } from '../../support/postgres/outage-proxy.js';
import { openPostgresSession } from '../../support/postgres/session.js';
import { openSession, type Session, startIn } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { newStorePlan, storeSystem } from '../../support/stores/stores.js';

const EXPORT = ['audit', 'export'];

/** An `audit export --follow` that goes on until it is told to end. */
function following(session: Session, ...flags: readonly string[]) {
  const running = startIn(session, [...EXPORT, '--follow', ...flags]);
  onTestFinished(() => void running.kill('SIGKILL'));
  const said = { out: '', err: '' };
  running.stdout.on('data', (chunk: Buffer) => {
    said.out += chunk;
  });
  running.stderr.on('data', (chunk: Buffer) => {
    said.err += chunk;
  });
  return { running, said };
}

/** The numbers of whole lines. */
function numbers(text: string): readonly number[] {
  if (text === '') return [];
  expect(text.endsWith('\n'), 'the last line is whole').toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line).seq);
}

async function edit(session: Session, count = 1): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await session.ok('edit', 'ci-bot', '--description', `change ${index} of ${Math.random()}`);
  }
}

describe.each([
  ['a file', () => openSession()],
  ['PostgreSQL', () => openPostgresSession()],
])('the audit trail of %s', (_, open: () => Promise<Session>) => {
  it('is exported after any event', async () => {
    const session = await open();
    await session.issue('ci-bot');
    const lines = (await session.ok(...EXPORT)).split('\n');
    for (const after of [0, 1, lines.length - 1, lines.length, 999_999]) {
      expect(await session.ok(...EXPORT, '--after', String(after))).toBe(lines.slice(after).join('\n'));
    }
    const { events } = JSON.parse(await session.ok(...EXPORT, '--json', '--after', '1'));
    expect(events.map(JSON.stringify)).toEqual(lines.slice(1, -1));
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'is followed until %s, and again after that',
    async (signal) => {
      const session = await open();
      await session.issue('ci-bot');
      const first = following(session);
      await until(() => first.said.out !== '');
      await edit(session);
      const whole = await session.ok(...EXPORT);
      await until(() => first.said.out === whole);
      first.running.kill(signal);
      expect(await first.running).toMatchObject({ exitCode: 0, stdout: whole, stderr: '' });
      await edit(session);
      const second = following(session, '--after', String(numbers(whole).at(-1)));
      await edit(session);
      const rest = (await session.ok(...EXPORT)).slice(whole.length);
      await until(() => second.said.out === rest);
      second.running.kill(signal);
      expect((await second.running).exitCode).toBe(0);
    },
  );

  it('goes to a file that is rotated in each way, without a gap and without a repetition', async () => {
    const session = await open();
    await session.issue('ci-bot');
    const file = session.workspace.path('audit.jsonl');
    const read = (path = file): string => {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return '';
      }
    };
    const { running } = following(session, '--output', file);
    let kept = '';
    const rotations = [
      () => renameSync(file, `${file}.1`),
      () => truncateSync(file, 0),
      () => rmSync(file),
      () => {},
    ];
    for (const rotate of rotations) {
      await edit(session);
      const all = await session.ok(...EXPORT);
      await until(() => kept + read() === all);
      if (rotate === rotations.at(-1)) break;
      kept = all;
      rotate();
    }
    running.kill('SIGTERM');
    expect((await running).exitCode).toBe(0);
    await edit(session);
    const last = numbers(read()).at(-1);
    await session.ok(...EXPORT, '--after', String(last), '--output', file);
    expect(kept + read()).toBe(await session.ok(...EXPORT));
  });

  it('ends quietly when nobody reads it any more', async () => {
    const session = await open();
    await session.issue('ci-bot');
    const { running, said } = following(session);
    await until(() => said.out !== '');
    running.stdout.destroy();
    await edit(session);
    expect(await running).toMatchObject({ exitCode: 141, stderr: '' });
  });

  it('is waited for where it has no such event yet', async () => {
    const session = await open();
    await session.issue('ci-bot');
    const head = numbers(await session.ok(...EXPORT)).length;
    const { running, said } = following(session, '--after', String(head + 1));
    await until(() => said.err !== '');
    expect(said.err).toBe(`note: the audit trail has no event ${head + 1} yet; waiting for it\n`);
    await edit(session, 2);
    await until(() => said.out !== '');
    running.kill();
    expect((await running).exitCode).toBe(0);
    expect(numbers(said.out)).toEqual([head + 2]);
  });
});

describe('a store that is followed', () => {
  it('must be there, and stay there', async () => {
    const session = await openSession();
    expect((await session.refused(8, [...EXPORT, '--follow'])).message).toMatch(/^there is no store at /);
    await session.issue('ci-bot');
    const { running, said } = following(session);
    await until(() => said.out !== '');
    rmSync(dirname(session.workspace.defaultStore), { recursive: true });
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(8);
    expect(stderr).toContain('was removed while this command had it open');
  });

  it('is not another file that takes its place', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const { running, said } = following(session);
    await until(() => said.out !== '');
    await session.ok('store', 'init', '--store', 'other.db');
    renameSync(session.workspace.path('other.db'), session.workspace.defaultStore);
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(8);
    expect(stderr).toContain('was replaced while this command had it open');
  });

  it('in a database is not one whose trail went back', async () => {
    const session = await openPostgresSession();
    await session.issue('ci-bot');
    const whole = await session.ok(...EXPORT);
    const { running, said } = following(session);
    await until(() => said.out === whole);
    const last = numbers(whole).at(-1);
    await session.database.ask(`delete from credctl.audit_event where seq = ${last}`);
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(9);
    expect(stderr).toContain(`the audit trail does not continue from event ${last}`);
  });

  it('in a database may go away and come back', async () => {
    const session = await openPostgresSession();
    await session.issue('ci-bot');
    const direct = new URL(session.publicUrl);
    const proxy = await outageProxy(direct.hostname, Number(direct.port));
    const store = Object.assign(direct, { hostname: '127.0.0.1', port: String(proxy.port) }).href;
    const env = { ...session.workspace.env, PGPASSWORD: session.password };
    const proxied = { ...session, workspace: { ...session.workspace, env } };
    const { running, said } = following(proxied, '--store', store);
    await until(() => said.out !== '');
    await proxy.goDown();
    await until(() => said.err.includes('trying again'));
    await edit(session);
    await proxy.comeBack();
    await until(() => said.err.includes('the store answers again'));
    await edit(session);
    const whole = await session.ok(...EXPORT);
    await until(() => said.out === whole);
    running.kill();
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(0);
    expect(stderr.match(/^note: /gm), stderr).toHaveLength(2);
  });
});

describe('a reader that does not read', () => {
  it('does not hold up the end: the process ends by the signal', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const path = session.workspace.defaultStore;
    const store = await openStoreAt(path, storeSystem(), {
      whenMissing: 'refuse',
      newStore: async () => newStorePlan(),
      onCreated() {},
    });
    // More than a pipe holds.
    await someEvents(store, 1_000).finally(() => store.close());
    const { stdout } = await session.sh(
      `mkfifo p; { head -c 1 > begun; exec sleep 120; } < p & reader=$!
       credctl audit export --follow > p & pid=$!
       until [ -s begun ]; do sleep 0.1; done
       sleep 2; kill -TERM $pid; wait $pid; echo "$?"; kill $reader`,
    );
    expect(stdout).toBe('143\n');
  });
});

describe('an export', () => {
  it('refuses what contradicts itself', async () => {
    const session = await openSession();
    for (const flags of [['--follow'], ['--output', 'x']]) {
      const { exitCode, stderr } = await session.run([...EXPORT, '--json', ...flags]);
      expect(exitCode).toBe(2);
      expect(JSON.parse(stderr).error.message).toBe(`${flags[0]} and --json cannot be used together`);
    }
    for (const after of ['-1', 'x', '1.5']) await session.refused(2, [...EXPORT, `--after=${after}`]);
    await session.refused(2, [...EXPORT, '--output', '']);
    await session.issue('ci-bot');
    expect((await session.refused(6, [...EXPORT, '--output', 'none/x'])).message).toContain('its directory');
  });
});
