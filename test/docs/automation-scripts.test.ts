import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createdAgo, DAY, usedAgo } from '../cli/contract/stopping/used.js';
import { isInstalled } from '../support/build/checker.js';
import { exampleOf, examplesOf } from '../support/build/document.js';
import { verdictOn } from '../support/dependencies/presented.js';
import { openSession, type Session } from '../support/program/run.js';
import { standIn } from '../support/program/stand-in.js';
import { makeOverdue } from '../support/stores/overdue.js';
import { secretsIn } from '../support/stores/store-probe.js';

const DOCUMENT = 'docs/automation.md';
const SCRIPTS = examplesOf(DOCUMENT).filter(({ language }) => language === 'sh');

async function example(session: Session, name: string) {
  const finished = await session.sh(`set -e\n${exampleOf(DOCUMENT, name)}`);
  return { ...finished, context: `${name}: ${finished.stderr}` };
}

describe(DOCUMENT, () => {
  it('has no example that no test knows', () => {
    expect(examplesOf(DOCUMENT).map(({ name, language }) => `${language} ${name}`)).toEqual([
      'sh policies.sh',
      'sh unused.sh',
      'ini /etc/systemd/system/credctl-rotate.service',
      'ini /etc/systemd/system/credctl-rotate.timer',
      'ini /etc/systemd/system/crm-sync.service.d/secret.conf',
      'sh install.sh',
      'crontab crontab',
      'yaml .github/workflows/integration.yml',
      'yaml .github/workflows/by-hand.yml',
      'yaml .github/workflows/rotate.yml',
      'sh first-secret.sh',
      'sh rotate-secret.sh',
      'yaml credctl.yaml',
      'sh vault.sh',
      'sh compose-secret.sh',
      'yaml compose.yaml',
      'sh compose-rotate.sh',
      'sh swarm.sh',
      'sh once.sh',
      'sh .envrc',
      'sh again.sh',
      'sh branch-on-the-exit-code.sh',
    ]);
  });

  it.each(SCRIPTS)('$name is in order for a POSIX shell', async ({ text }) => {
    const session = await openSession();
    await session.workspace.write('script.sh', text);
    expect(await session.sh('sh -n script.sh')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  const hasShellcheck = isInstalled('shellcheck', 'shellcheck');

  it.skipIf(!hasShellcheck).each(SCRIPTS)('$name is in order for shellcheck', async ({ text }) => {
    const session = await openSession();
    await session.workspace.write('script.sh', text);
    // What is in single quotes is meant for another shell.
    const { stdout } = await session.sh('shellcheck --shell sh --exclude SC2016 script.sh');
    expect(stdout).toBe('');
  });
});

describe('the scripts do what they say', () => {
  it('policies.sh', async () => {
    const session = await openSession();
    const { exitCode, stdout, context } = await example(session, 'policies.sh');
    expect(exitCode, context).toBe(0);
    expect(stdout.match(/NAME\t/g)).toHaveLength(3);
    expect(await session.ok('list', '--due', '--within', '30d')).toContain('\ncrm-sync\t');
    expect(await session.ok('list', '--due', '--within', '90d')).toContain('\nci-bot\t');
  });

  it('unused.sh', async () => {
    const session = await openSession();
    for (const [name, days] of Object.entries({ busy: 500, quiet: 200, old: 500 })) {
      await session.issue(name);
      createdAgo(session, name, days * DAY);
    }
    expect((await example(session, 'unused.sh')).exitCode, 'nobody records uses').toBe(5);
    usedAgo(session, 'busy', DAY);
    const { exitCode, stdout, context } = await example(session, 'unused.sh');
    expect(exitCode, context).toBe(0);
    expect(stdout).toBe('old\nquiet\n');
    expect((await session.ok('list')).match(/^\w+\tapi-key\t\w+/gm)).toEqual([
      'busy\tapi-key\tactive',
      'quiet\tapi-key\tinactive',
    ]);
  });

  it('branch-on-the-exit-code.sh', async () => {
    const session = await openSession();
    await session.issue('a', '--rotate-every', '30d');
    await session.issue('b', '--rotate-every', '30d');
    makeOverdue(session.workspace.defaultStore);
    const run = () => example(session, 'branch-on-the-exit-code.sh');
    expect(await run()).toMatchObject({
      exitCode: 6,
      stdout: 'the directory cannot be written; nothing was changed\n',
    });
    await session.sh('mkdir secrets secrets/b');
    expect(await run()).toMatchObject({
      exitCode: 7,
      stdout: 'some were not rotated, and are as they were; the next run tries them again\n',
    });
    await session.sh('rmdir secrets/b');
    expect(await run()).toMatchObject({ exitCode: 0, stdout: '' });
    expect(JSON.parse(await session.workspace.read('night.json')).rotated).toEqual(['b']);
  });

  it('vault.sh', async () => {
    const session = await openSession();
    await session.ok('create', 'crm', '--scope', 'data:users', '--rotate-every', '1d', '-q');
    await standIn(session, 'vault', 'mkdir -p vault; echo "$*" > vault/arguments; cat > vault/secret');
    const { exitCode, context } = await example(session, 'vault.sh');
    expect(exitCode, context).toBe(0);
    expect(await session.workspace.read('vault/arguments')).toMatch(
      /^kv put secret\/crm client_id=cctl_id_\w{16} secret=-\n$/,
    );
    expect(await verdictOn(session, await session.workspace.read('vault/secret'))).toBe('valid');
  });

  it('install.sh', async () => {
    const session = await openSession();
    for (const program of ['useradd', 'systemctl', 'journalctl']) {
      await standIn(session, program, `echo "${program} $*" >> called`);
    }
    // Another root directory, where no other user can be switched to.
    await standIn(session, 'install', 'for last; do :; done; mkdir -m 0700 -p ".$last"');
    await standIn(
      session,
      'sudo',
      '[ "$1" = -u ] && shift 2 && shift && store=.$(expr "$1" : "CREDCTL_STORE=\\(.*\\)") && shift && CREDCTL_STORE=$store "$@"',
    );
    const { exitCode, context } = await example(session, 'install.sh');
    expect(exitCode, context).toBe(0);
    const units = examplesOf(DOCUMENT).map(({ name }) => name.split('/').at(-1));
    const called = await session.workspace.read('called');
    const named = called.match(/[\w-]+\.(service|timer)/g) ?? [];
    expect(named).toHaveLength(3);
    for (const unit of named) expect(units).toContain(unit);
    const service = exampleOf(DOCUMENT, '/etc/systemd/system/credctl-rotate.service');
    const [, store = ''] = /^Environment=CREDCTL_STORE=%S(.*)$/m.exec(service) ?? [];
    expect(await session.ok('list', '--store', `./var/lib${store}`), 'the service finds a store').toContain(
      'NAME',
    );
  });
});

describe('crontab', () => {
  const text = exampleOf(DOCUMENT, 'crontab');
  const hasCrontab = isInstalled('crontab', 'cron');

  it.skipIf(!hasCrontab)('is in order for cron', async () => {
    const session = await openSession();
    const check = async (content: string) => {
      await session.workspace.write('table', content);
      return (await session.sh('crontab -n table')).exitCode;
    };
    expect(await check(text)).toBe(0);
    expect(await check(text.replace('17 3 *', '17 25 *')), 'the check can fail').not.toBe(0);
  });

  it('rotates what is due, with the little that cron gives a job, and is silent when all goes well', async () => {
    const session = await openSession();
    await session.ok('create', 'crm', '--scope', 'data:users', '--rotate-every', '30d', '-q');
    makeOverdue(session.workspace.defaultStore);
    const [, command = ''] = /^17 3 \* \* \* (.+)$/m.exec(text) ?? [];
    expect(command, 'a percent sign ends a command of cron').not.toContain('%');
    const asCron = (line: string) =>
      session.sh(
        `exec env -i HOME="$HOME" LOGNAME=crm SHELL=/bin/sh PATH="$PATH" XDG_DATA_HOME="$XDG_DATA_HOME" XDG_CONFIG_HOME="$XDG_CONFIG_HOME" /bin/sh -c "$LINE"`,
        { env: { LINE: line } },
      );
    const missing = await asCron(command);
    expect([missing.exitCode, missing.stdout]).toEqual([6, '']);
    expect(missing.stderr, 'what cron sends as mail').toContain('its directory does not exist');
    await session.sh('mkdir "$HOME/secrets"');
    expect(await asCron(command)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    const file = session.workspace.path('../secrets/crm');
    expect(statSync(file).mode & 0o7777).toBe(0o600);
    const secret = await session.workspace.read('../secrets/crm');
    expect(secretsIn(secret)).toEqual([secret]);
    expect(await verdictOn(session, secret)).toBe('valid');
  });
});
