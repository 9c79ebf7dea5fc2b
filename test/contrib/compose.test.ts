import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '../../src/domain/duration.js';
import { isInstalled } from '../support/build/checker.js';
import { startPostgres } from '../support/postgres/server.js';
import { PROJECT } from '../support/program/real-program.js';
import { openSession, type Session } from '../support/program/run.js';
import { until } from '../support/program/until.js';
import { launchServer } from '../support/servers/server.js';

const hasClient = isInstalled('psql', 'postgresql-client');

const hardened = {
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  tmpfs: z.array(z.string().regex(/^\/[\w/]+:mode=1777/)),
  env_file: z.string(),
  environment: z.record(z.string(), z.string()),
  networks: z.array(z.string()),
};
const credctl = {
  ...hardened,
  image: z.literal('credctl'),
  build: z.literal('.'),
  init: z.literal(true),
};
const check = { test: z.array(z.string()), interval: z.string(), timeout: z.string(), retries: z.int() };
const after = (service: string, condition: string) =>
  z.strictObject({ [service]: z.strictObject({ condition: z.literal(condition) }) });

const shape = z.strictObject({
  name: z.literal('credctl'),
  'x-hardened': z.unknown(),
  'x-credctl': z.unknown(),
  services: z.strictObject({
    database: z.strictObject({
      ...hardened,
      image: z.string().regex(/^postgres:\d+\.\d+-bookworm$/),
      user: z.literal('postgres'),
      volumes: z.array(z.string()),
      healthcheck: z.strictObject(check),
      restart: z.literal('unless-stopped'),
      stop_signal: z.literal('SIGINT'),
      stop_grace_period: z.string(),
    }),
    init: z.strictObject({
      ...credctl,
      entrypoint: z.array(z.string()),
      command: z.array(z.string()),
      depends_on: after('database', 'service_healthy'),
      restart: z.literal('no'),
    }),
    serve: z.strictObject({
      ...credctl,
      command: z.array(z.string()),
      ports: z.tuple([z.literal('127.0.0.1:8080:8080')]),
      healthcheck: z.strictObject({ ...check, start_period: z.string() }),
      depends_on: after('init', 'service_completed_successfully'),
      restart: z.literal('unless-stopped'),
      stop_grace_period: z.string(),
    }),
    store: z.strictObject({
      ...credctl,
      profiles: z.tuple([z.literal('commands')]),
      depends_on: after('database', 'service_healthy'),
      restart: z.literal('no'),
    }),
  }),
  networks: z.strictObject({ database: z.strictObject({ internal: z.literal(true) }) }),
  volumes: z.strictObject({ database: z.null() }),
});

const text = readFileSync(join(PROJECT, 'compose.yaml'), 'utf8');
const { services } = shape.parse(parse(text, { merge: true }));
const { database, init, serve, store } = services;

/** What `docker compose` makes of a value: `$$` is a dollar sign. */
const unescaped = (words: readonly string[]) => words.map((word) => word.replaceAll('$$', '$'));

/** A checkout with passwords made. */
async function checkout(): Promise<Session> {
  const session = await openSession({ config: null });
  for (const path of ['contrib/docker', 'compose.yaml'])
    cpSync(join(PROJECT, path), session.workspace.path(path), { recursive: true });
  expect(await session.sh('sh contrib/docker/passwords.sh')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  return session;
}

/** The variables of an `env_file`. */
async function variablesOf(session: Session, file: string): Promise<Readonly<Record<string, string>>> {
  const lines = (await session.workspace.read(file)).trimEnd().split('\n');
  return Object.fromEntries(lines.map((line) => line.split('=', 2)));
}

describe('compose.yaml', () => {
  it('holds no password, and names files that passwords.sh makes for their owner alone, once', async () => {
    const session = await checkout();
    expect(text.replaceAll('passwords.sh', '')).not.toMatch(/passw/i);
    const files = [database, init, serve, store].map(({ env_file }) => env_file);
    for (const file of files) expect(statSync(session.workspace.path(file)).mode & 0o777, file).toBe(0o600);
    const all = await variablesOf(session, database.env_file);
    const admin = await variablesOf(session, init.env_file);
    const gateway = await variablesOf(session, serve.env_file);
    expect(admin).toEqual({ PGPASSWORD: all['ADMIN_PASSWORD'] });
    expect(gateway).toEqual({ PGPASSWORD: all['GATEWAY_PASSWORD'] });
    expect(new Set(Object.values(all)).size).toBe(3);
    for (const password of Object.values(all)) expect(password).toMatch(/^[0-9a-f]{48}$/);
    const again = await session.sh('sh contrib/docker/passwords.sh');
    expect([again.exitCode, again.stderr]).toEqual([1, expect.stringContaining('secrets is there already')]);
    expect(await variablesOf(session, database.env_file)).toEqual(all);
    expect(readFileSync(join(PROJECT, '.gitignore'), 'utf8')).toContain('\n/secrets/\n');
  });

  it('gives the server longer to end than its flags ask for, and fits the image', () => {
    const delay = parseDuration(serve.command[serve.command.indexOf('--shutdown-delay') + 1] ?? '').ms;
    // The drain time-out is ten seconds, and what was gathered is written for two more.
    expect(parseDuration(serve.stop_grace_period).ms).toBeGreaterThan(delay + 12_000);
    const dockerfile = readFileSync(join(PROJECT, 'Dockerfile'), 'utf8');
    expect(dockerfile).toContain('EXPOSE 8080\n');
    const [, probe = ''] = /^ +CMD (\[.*\])$/m.exec(dockerfile) ?? [];
    expect(serve.healthcheck.test).toEqual(['CMD', ...JSON.parse(probe.replace('/healthz', '/readyz'))]);
    const mounted = database.volumes.flatMap((volume) => /^\.\/([^:]+):/.exec(volume)?.[1] ?? []);
    expect(mounted).toEqual(['contrib/docker/logins.sql']);
    for (const path of mounted) expect(statSync(join(PROJECT, path)).mode & 0o004, path).toBe(0o004);
  });
});

describe.runIf(hasClient)('compose.yaml on PostgreSQL', () => {
  /** The session and, for each service, the environment in which its commands run here. */
  async function up() {
    const session = await checkout();
    const server = await startPostgres(18);
    onTestFinished(() => server.stop());
    const { hostname, port, password } = new URL(server.url);
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    onTestFinished(() => client.end());
    await client.query(`create database ${database.environment['POSTGRES_DB']}`);
    const env = async (service: typeof init | typeof serve | typeof store | typeof database) => ({
      ...(await variablesOf(session, service.env_file)),
      ...Object.fromEntries(
        Object.entries(service.environment).map(([name, value]) => [
          name,
          value.replace('@database/', `@${hostname}:${port}/`),
        ]),
      ),
    });
    const at = { PGHOST: hostname, PGPORT: port, PGPASSWORD: password };
    // As the image of PostgreSQL runs what is in docker-entrypoint-initdb.d.
    const logins = await session.sh(
      'psql -v ON_ERROR_STOP=1 --no-psqlrc -q --username postgres --dbname "$POSTGRES_DB" -f contrib/docker/logins.sql',
      { env: { ...(await env(database)), ...at } },
    );
    expect(logins).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    const [, ...probe] = database.healthcheck.test;
    expect((await session.sh(probe.join(' '), { env: at })).exitCode).toBe(0);
    return { session, env, client };
  }

  it('makes the store once, lets the server verify and no more, and answers', async () => {
    const { session, env } = await up();
    const [shell, flags] = init.entrypoint;
    const [script = ''] = unescaped(init.command);
    const makeStore = async () =>
      spawnSync(shell ?? '', [flags ?? '', script], {
        env: { ...session.workspace.env, ...(await env(init)) },
        encoding: 'utf8',
      });
    const first = await makeStore();
    expect([first.status, first.stderr]).toEqual([0, expect.stringContaining('created the store')]);
    expect((await makeStore()).status).toBe(0);
    const issued = await session.run(
      ['create', 'ci-bot', '--type', 'api-key', '--scope', 'data:users', '-q'],
      {
        env: await env(store),
      },
    );
    expect(issued.exitCode, issued.stderr).toBe(0);

    const gateway = await openSession({ config: null, env: await env(serve) });
    expect(
      (await gateway.run(['create', 'other', '--type', 'api-key', '--scope', 'data:users'])).exitCode,
    ).toBe(4);
    const { child, started } = launchServer(gateway, serve.command.slice(1));
    onTestFinished(() => void child.kill('SIGKILL'));
    const running = await started;
    const [, ...probe] = serve.healthcheck.test;
    const isHealthy = () => {
      const [program = '', ...argv] = probe.map((word) => word.replace(':8080/', `:${running.port}/`));
      return spawnSync(program, argv, { env: gateway.workspace.env }).status === 0;
    };
    expect(isHealthy()).toBe(true);
    const authorization = { authorization: `Bearer ${issued.stdout.trim()}` };
    const answer = await running.send('/rest/v1/auth/test', {
      headers: { ...authorization, host: 'serve:8080' },
    });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"name":"ci-bot"')]);
    child.kill('SIGTERM');
    await until(() => !isHealthy());
    // A second signal ends the delay.
    expect(await running.end()).toBe(0);
  });
});
