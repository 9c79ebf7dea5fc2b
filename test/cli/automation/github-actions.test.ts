import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderSecret } from '../../../src/cli/render/secret.js';
import type { Delivery } from '../../../src/domain/ports/ports.js';
import { verdictOn } from '../../support/dependencies/presented.js';
import { openSession } from '../../support/program/run.js';
import { beginJob, readFileCommands } from '../../support/servers/actions-runner.js';
import { secretsIn } from '../../support/stores/store-probe.js';
import { openNight, statesOf } from './night.js';

const CREATE = 'credctl create ci-bot --type api-key --scope data:users --format github-actions';

describe('--format github-actions', () => {
  it.each(['GITHUB_ENV', 'GITHUB_OUTPUT'] as const)(
    'appended to $%s is a variable of later steps that the log never shows',
    async (file) => {
      const session = await openSession();
      const job = beginJob(session);
      const { exitCode, log, raw, outputs } = await job.step(`${CREATE} >> "$${file}"`);
      const key = (file === 'GITHUB_ENV' ? job.env : outputs)['CI_BOT_API_KEY'] ?? '';
      expect(exitCode).toBe(0);
      expect(raw.stdout).toBe('');
      expect(raw.stderr.split('\n')[1], 'before anything else that is known of it').toBe(
        `::add-mask::${key}`,
      );
      expect(secretsIn(log)).toEqual([]);
      expect(await verdictOn(session, key)).toBe('valid');
      const later = await job.step('echo "the key is $KEY"; credctl verify <<< "$KEY"', { KEY: key });
      expect(later.log).toBe('the key is ***\nvalid: ci-bot, version 1, data:users');
    },
  );

  it('hides a client secret, and leaves the client id readable', async () => {
    const session = await openSession();
    const job = beginJob(session);
    const { outputs } = await job.step(
      'credctl create crm --scope data:users --format github-actions --env-prefix APP >> "$GITHUB_OUTPUT"',
    );
    expect(Object.keys(outputs)).toEqual(['APP_CLIENT_ID', 'APP_CLIENT_SECRET']);
    const { log } = await job.step(`echo ${outputs['APP_CLIENT_ID']} ${outputs['APP_CLIENT_SECRET']}`);
    expect(log).toBe(`${outputs['APP_CLIENT_ID']} ***`);
  });

  it('adds to what is there, even after a line without an end', async () => {
    const session = await openSession();
    const job = beginJob(session);
    await job.step(
      `printf 'FIRST=1\\nSECOND=2' >> "$GITHUB_ENV"; ${CREATE} -q >> "$GITHUB_ENV"; echo THIRD=3 >> "$GITHUB_ENV"`,
    );
    expect(job.env).toEqual({
      FIRST: '1',
      SECOND: '2',
      CI_BOT_API_KEY: expect.stringMatching(/^cctl_key_[0-9A-Za-z]{61}$/),
      THIRD: '3',
    });
  });

  it('hides the secret before a command has it, whatever that prints', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const { exitCode, log, raw } = await beginJob(session).step(
      `credctl rotate ci-bot --format github-actions -- sh -c 'cat; echo; echo done >&2'`,
    );
    expect(exitCode).toBe(0);
    expect(secretsIn(raw.stderr)).toHaveLength(1);
    expect(log.split('\n').slice(0, 2)).toEqual(['***', 'done']);
    expect(secretsIn(log)).toEqual([]);
  });

  it('hides each secret of a night', async () => {
    const { session } = await openNight(['a', 'b']);
    const { log, raw, exitCode } = await beginJob(session).step(
      `credctl rotate --due --format github-actions -- sh -c 'echo "$CREDCTL_NAME=$(cat)"'`,
    );
    expect(exitCode).toBe(0);
    expect(secretsIn(raw.stderr)).toHaveLength(2);
    expect(log).toBe('a=***\nb=***\n2 rotated, 0 failed, 0 skipped');
  });

  it('is refused for a night with --json, whose standard error is not for the runner', async () => {
    const { session } = await openNight(['a']);
    const argv = ['rotate', '--due', '--json', '--format', 'github-actions', '--output-dir', '.'];
    const { exitCode, stdout } = await session.run(argv, { env: { GITHUB_ACTIONS: 'true' } });
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(await statesOf(session, 'a')).toEqual(['current']);
  });

  it('writes the same to a new file, to be appended later', async () => {
    const session = await openSession();
    const job = beginJob(session);
    const { log } = await job.step(`${CREATE} --output key.env; cat key.env >> "$GITHUB_ENV"; cat key.env`);
    expect(secretsIn(log)).toEqual([]);
    expect(await verdictOn(session, job.env['CI_BOT_API_KEY'] ?? '')).toBe('valid');
  });
});

describe('nothing is issued, and nothing is shown', () => {
  it.each([
    ['where >> is forgotten', CREATE],
    ['in a pipe', `${CREATE} | tee -a "$GITHUB_ENV"`],
    ['in a substitution', `X=$(${CREATE})`],
    ['where the log does not get standard error: a file', `${CREATE} >> "$GITHUB_ENV" 2> err.txt`],
    ['where both go to the same file', `${CREATE} >> err.txt 2>&1`],
    ['where standard error goes nowhere', `${CREATE} >> "$GITHUB_ENV" 2> /dev/null`],
    ['where standard error is closed', `${CREATE} >> "$GITHUB_ENV" 2>&-`],
  ])('%s', async (_, run) => {
    const session = await openSession();
    const job = beginJob(session);
    const { exitCode, raw } = await job.step(`set -o pipefail; ${run}`);
    expect(exitCode).toBe(6);
    expect(secretsIn(`${raw.stdout}${raw.stderr}`)).toEqual([]);
    expect(job.env).toEqual({});
    expect(await session.ok('list', '--json')).toContain('"credentials":[]');
    expect((await session.sh('cat err.txt 2> /dev/null; true')).stdout).not.toContain('cctl_key_');
  });

  it('where nobody reads the log any more', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const { exitCode } = await session.sh(
      `{ while [ ! -e closed ]; do sleep 0.05; done
         credctl rotate ci-bot --format github-actions 2>&1 >> env; echo $? > code; touch done; } |
       { exec 0<&-; touch closed; while [ ! -e done ]; do sleep 0.05; done; }; exit "$(cat code)"`,
      { env: { GITHUB_ACTIONS: 'true' } },
    );
    expect(exitCode).toBe(6);
    expect(await session.workspace.read('env')).toBe('');
    expect(await statesOf(session, 'ci-bot')).toEqual(['current', 'revoked']);
  });

  it.each([
    ['outside a job', {}, []],
    ['with --json', { GITHUB_ACTIONS: 'true' }, ['--json', '--output', 'x']],
    ['in place of the file', { GITHUB_ACTIONS: 'true', GITHUB_ENV: 'x' }, ['--output', 'x', '--force']],
    ['in place of the file', { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: 'x' }, ['--output', 'x', '--force']],
  ])('%s: it is said how else', async (_, env, flags) => {
    const session = await openSession();
    const { exitCode, stdout, stderr } = await session.run([...CREATE.split(' ').slice(1), ...flags], {
      env,
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/hint/);
    expect((await session.run(['list', '--json'])).stdout).toContain('"credentials":[]');
  });
});

describe('a name cannot reach beyond its own line', () => {
  it.each([
    'a=b',
    'a\nPATH=/evil',
    'a<<EOF',
    'a\rb',
    '::add-mask::x',
    'a b',
    '$(id)',
    'a`id`',
    '../x',
    'a//b',
    'a/../b',
    '',
  ])('since there is no credential %j', async (name) => {
    const session = await openSession();
    const { exitCode } = await session.sh(
      `credctl create "$NAME" --scope data:users --format github-actions >> env`,
      { env: { GITHUB_ACTIONS: 'true', NAME: name } },
    );
    expect(exitCode).toBe(2);
    expect(await session.workspace.read('env')).toBe('');
  });

  const first = [...'ABCXYZabcxyz0129'];
  const segment = fc
    .tuple(
      fc.constantFrom(...first),
      fc.string({ unit: fc.constantFrom(...first, '.', '_', '-'), maxLength: 12 }),
    )
    .map((parts) => parts.join(''));
  const names = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));

  it('whatever the grammar allows: variables of its own, and no others', () => {
    fc.assert(
      fc.property(names, fc.boolean(), (name, isKey) => {
        const text = renderSecret(delivery(name, isKey), {
          format: 'github-actions',
          envPrefix: null,
          document: () => ({}),
        });
        const values = readFileCommands(`BEFORE=1${text}AFTER=2\n`);
        const prefix = name
          .toUpperCase()
          .replaceAll(/[^A-Z0-9]/g, '_')
          .replace(/^(?=\d)/, '_');
        expect(values).toEqual({
          BEFORE: '1',
          ...(isKey
            ? { [`${prefix}_API_KEY`]: 'key' }
            : { [`${prefix}_CLIENT_ID`]: 'id', [`${prefix}_CLIENT_SECRET`]: 'secret' }),
          AFTER: '2',
        });
        for (const variable of Object.keys(values)) expect(variable).toMatch(/^[A-Z_][A-Z0-9_]*$/);
      }),
      { numRuns: 500 },
    );
  });
});

function delivery(name: string, isKey: boolean): Delivery {
  return {
    credential: { name },
    secret: isKey
      ? { type: 'api-key', apiKey: 'key' }
      : { type: 'oauth2', clientId: 'id', clientSecret: 'secret' },
  } as Delivery;
}
