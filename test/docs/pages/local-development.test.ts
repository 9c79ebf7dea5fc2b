import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestExamples } from '../../../src/cli/render/request-examples.js';
import { PRESETS } from '../../../src/domain/scope/presets.js';
import { exampleOf } from '../../support/build/page.js';
import {
  describeWithKeyring,
  type UnlockedKeyring,
  unlockedKeyring,
} from '../../support/keychain/unlocked-keyring.js';
import { openSession, type Session } from '../../support/program/run.js';
import { freePort } from '../../support/servers/free-port.js';
import { bearer, startServer } from '../../support/servers/server.js';
import { secretPart, secretsIn } from '../../support/stores/store-probe.js';

const DOCUMENT = 'docs/local-development.md';

/** Writes an example into the working directory, with another port than everybody's. */
async function place(
  session: Session,
  name: string,
  port: number,
  change = (text: string) => text,
): Promise<void> {
  await session.workspace.write(name, change(exampleOf(DOCUMENT, name).replaceAll('8080', String(port))));
}

async function ok(
  session: Session,
  script: string,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const { exitCode, ...output } = await session.sh(script);
  expect(exitCode, output.stderr).toBe(0);
  return output;
}

/** What app.sh says: who the token is, and who the key. */
function expectWho(stdout: string): void {
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    expect.objectContaining({ name: 'my-app', type: 'oauth2', scopes: ['data:conversations'] }),
    expect.objectContaining({ name: 'my-key', type: 'api-key', scopes: ['data:conversations'] }),
  ]);
}

describe(DOCUMENT, () => {
  it('shows the requests that serve --dev shows', () => {
    const shown = exampleOf(DOCUMENT, 'endpoints.sh').slice('# endpoints.sh\n'.length);
    const catalog = PRESETS.get('moveworks') ?? { name: 'none', apis: [], resources: [] };
    expect(shown).toBe(requestExamples({ url: 'http://127.0.0.1:8080', socket: null, catalog, store: null }));
  });
});

describe('without a keychain', () => {
  it('the set-up is refused and creates nothing; with files, everything runs', async () => {
    const session = await openSession();
    const port = await freePort();
    await place(session, 'set-up.sh', port);
    const { exitCode } = await session.sh('set -e; . ./set-up.sh');
    expect(exitCode).toBe(6);
    expect(await session.ok('list', '--store', 'dev.db')).not.toContain('my-app');
    await session.sh('rm dev.db*');

    await place(session, 'set-up-files.sh', port);
    const made = await ok(session, 'set -e; . ./set-up-files.sh; stat -c %a my-app.env my-key.env');
    expect(made.stdout).toContain('600\n600\n');
    await place(session, 'app.sh', port);
    const last = 'credctl run my-app my-key -- sh app.sh\n';
    await place(session, 'dev.sh', port, (text) => {
      expect(text).toContain(last);
      return text.replace(last, exampleOf(DOCUMENT, 'run-with-files.sh'));
    });
    const { stdout } = await ok(session, 'sh dev.sh');
    expectWho(stdout);
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
    const log = await session.workspace.read('serve.log');
    expect(log).toContain(`http://127.0.0.1:${port}/oauth/v1/token`);
    const secrets = secretsIn(await session.workspace.read('my-app.env'));
    expect(secrets).toHaveLength(1);
    for (const secret of secrets) expect(log).not.toContain(secretPart(secret));
  });

  it('a server that cannot start ends the script, which shows why', async () => {
    const session = await openSession();
    await session.workspace.write('dev.db', 'no store');
    await place(session, 'dev.sh', await freePort(), (text) => {
      expect(text).toContain('--retry 20 ');
      return text.replace('--retry 20 ', '--retry 1 ');
    });
    const { exitCode, stdout } = await session.sh('sh dev.sh');
    expect(exitCode).not.toBe(0);
    expect(stdout).toMatch(/^credctl: .*dev\.db/);
  });

  it('the request with a JSON body gets a token from the other path', async () => {
    const session = await openSession();
    await session.ok('store', 'init', '--catalog', 'mparticle', '--store', 'dev.db');
    await session.ok(
      'create',
      'my-app',
      '--scope',
      'data-planning:read@workspace/development',
      '--store',
      'dev.db',
      '--output',
      'my-app.env',
      '--format',
      'dotenv',
    );
    const server = await startServer(session, '--store', 'dev.db');
    await place(session, 'app-json.sh', server.port);
    const { stdout } = await ok(session, `set -a; . ./my-app.env; API_URL=${server.url} sh app-json.sh`);
    expect(JSON.parse(stdout)).toMatchObject({ token_type: 'Bearer', expires_in: 28_800 });
  });
});

describeWithKeyring('with a keychain', () => {
  let keyring: UnlockedKeyring;

  beforeAll(async () => {
    keyring = await unlockedKeyring();
  });

  afterAll(() => keyring.stop());

  it('the server and the application start together, and what goes wrong is what the text says', async () => {
    const session = await openSession({ env: keyring.env });
    const port = await freePort();
    for (const name of ['set-up.sh', 'dev.sh', 'app.sh', 'try.sh']) await place(session, name, port);
    const made = await ok(session, 'set -e; . ./set-up.sh');
    expect(made.stdout).not.toMatch(/cctl_(?:sec|key)_/);
    expectWho((await ok(session, 'sh dev.sh')).stdout);
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();

    const server = await startServer(session, '--store', 'dev.db');
    const { stdout } = await ok(
      session,
      'CREDCTL_STORE=$PWD/dev.db credctl run my-app -- sh -c \'echo "$MY_APP_CLIENT_ID $MY_APP_CLIENT_SECRET"\'',
    );
    const [client_id = '', client_secret = ''] = stdout.trimEnd().split(' ');
    const ask = async (scope: string) => {
      const form = { grant_type: 'client_credentials', client_id, client_secret, scope };
      return JSON.parse((await server.post('/oauth/v1/token', form)).text) as Record<string, string>;
    };
    const { access_token: held = '' } = await ask('');
    const now = async () => [
      (await server.send('/verify?scope=data:conversations', { headers: bearer(held) })).status,
      (await ask('data:conversations'))['error'] ?? 'granted',
    ];
    expect(await now()).toEqual([200, 'granted']);
    const seen: unknown[] = [];
    for (const line of exampleOf(DOCUMENT, 'try.sh').split('\n').slice(2, -1)) {
      await ok(session, `export CREDCTL_STORE="$PWD/dev.db"; ${line}`);
      seen.push([line.split(/ +#/)[0], ...(await now())]);
    }
    expect(seen).toEqual([
      ['credctl deactivate my-app', 401, 'invalid_client'],
      ['credctl activate my-app', 200, 'granted'],
      ['credctl edit my-app --scope data:users', 401, 'invalid_scope'],
      ['credctl edit my-app --scope data:conversations', 200, 'granted'],
      ['credctl rotate my-app --now --keychain --no-print', 401, 'invalid_client'],
    ]);
  });
});
