import { describe, expect, it } from 'vitest';
import { requestExamples } from '../../../src/cli/render/request-examples.js';
import type { Catalog } from '../../../src/domain/scope/catalog.js';
import { PRESETS } from '../../../src/domain/scope/presets.js';
import { openSession, type Session } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { clientIn } from '../../support/servers/clients.js';
import { startServer } from '../../support/servers/server.js';

const PATHS = [
  '/rest/v1/auth/test',
  '/verify?scope=',
  '/oauth/v1/token',
  '/oauth/v1/introspect',
  '/oauth/v1/revoke',
  '/.well-known/oauth-authorization-server',
  '/healthz',
  '/readyz',
  '/metrics',
];

function presetOf(name: string): Catalog {
  const catalog = PRESETS.get(name);
  if (catalog === undefined) throw new Error(`there is no catalog ${name}`);
  return catalog;
}

/** What `serve --dev` shows to paste. */
async function shownForDevelopment(session: Session, ...flags: readonly string[]): Promise<string> {
  const server = await startServer(session, '--dev', ...flags);
  await until(async () => server.log().includes('/metrics\n'));
  const lines = server.log().split('\n');
  const [first, last] = [
    lines.findIndex((line) => line.startsWith('echo')),
    lines.findIndex((line) => line.endsWith('/metrics')),
  ];
  return `${lines.slice(first, last + 1).join('\n')}\n`;
}

/** The commands that it asks to run first, which stand inside single quotes. */
function creations(shown: string): readonly string[] {
  return [...shown.matchAll(/ of: (credctl create .*)'$/gm)].map(([, command = '']) =>
    command.replaceAll("'\\''", "'"),
  );
}

describe('serve --dev', () => {
  it.each(['sh', 'bash', 'zsh'])(
    'shows a request for each endpoint, and in %s they work as they stand',
    async (shell) => {
      const session = await openSession();
      const shown = await shownForDevelopment(session);
      const [createKey, createClient] = creations(shown);
      const key = (await session.sh(`${createKey} -q`)).stdout;
      const { stdout: created } = await session.sh(`${createClient} --json`);
      const client = clientIn(created);
      const { stdout, exitCode } = await session.sh(`${shell} -c "$SHOWN"`, {
        env: { SHOWN: `${shown}echo "token=$TOKEN"` },
        stdin: `${key}${client.clientId}\n${client.secret}\n`,
      });
      expect(exitCode).toBe(0);
      expect(stdout).toContain('"name":"dev-key"');
      expect(stdout).toContain('x-credential-name: dev-key');
      expect(stdout).toContain('"active":true');
      expect(stdout).toMatch(/token=cctl_tok_[0-9A-Za-z]{61}\n/);
      expect(stdout).toContain('"token_endpoint"');
      expect(stdout).toContain('credctl_verifications_total');
      expect(stdout).not.toContain('"error"');
      for (const path of PATHS) expect(shown).toContain(path);
    },
  );

  it.each([
    { catalog: 'mparticle', scopes: ['credctl:introspect', 'profile:read@workspace/development'] },
    { catalog: 'empty', scopes: ['credctl:introspect', 'credctl:introspect'] },
  ])(
    'says which credentials to create, of its own store and catalog: $catalog',
    async ({ catalog, scopes }) => {
      const session = await openSession();
      await session.ok('store', 'init', '--catalog', catalog, '--store', "./it's here.db");
      const shown = await shownForDevelopment(session, '--store', "./it's here.db");
      const asked = creations(shown);
      expect(asked.map((command) => /--scope (\S+)/.exec(command)?.[1])).toEqual(scopes);
      for (const command of asked) expect(await session.sh(command)).toMatchObject({ exitCode: 0 });
      const listed = await session.ok('list', '--store', "./it's here.db");
      for (const name of ['dev-key', 'dev-client']) expect(listed).toContain(name);
    },
  );

  it('does not repeat a URL that was given as the store', () => {
    const catalog = presetOf('moveworks');
    const store = 'postgresql://admin:a-password@127.0.0.1/credctl';
    const shown = requestExamples({ url: 'http://127.0.0.1:8080', socket: null, catalog, store });
    expect(shown).toContain('--scope data:conversations --store "$CREDCTL_STORE"');
    expect(shown).not.toContain('password');
  });
});
