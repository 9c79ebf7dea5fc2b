import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createdAgo, DAY, usedAgo } from '../../cli/contract/stopping/used.js';
import { isInstalled } from '../../support/build/checker.js';
import { exampleOf, fencesOf, readPage } from '../../support/build/page.js';
import { verdictOn } from '../../support/dependencies/presented.js';
import { openSession, type Session } from '../../support/program/run.js';
import { standIn } from '../../support/program/stand-in.js';
import { makeOverdue } from '../../support/stores/overdue.js';
import { secretsIn } from '../../support/stores/store-probe.js';

/** The page of each script. */
const PAGES: Readonly<Record<string, string>> = {
  'policies.sh': 'docs/rotation.md',
  'unused.sh': 'docs/stopping.md',
  'branch-on-the-exit-code.sh': 'docs/scripts.md',
  'vault.sh': 'docs/containers.md',
  'install.sh': 'docs/nightly.md',
  'first-secret.sh': 'docs/nightly.md',
  'rotate-by-hand.sh': 'docs/rotation.md',
  'replace.sh': 'docs/destinations.md',
  'to-a-program.sh': 'docs/destinations.md',
  'as-credctl.sh': 'docs/several-admins.md',
};

async function example(session: Session, name: string) {
  const finished = await session.sh(`set -e\n${exampleOf(PAGES[name] ?? '', name)}`);
  return { ...finished, context: `${name}: ${finished.stderr}` };
}

/** sudo for the account of the service, below another root directory, where no other user can be switched to. */
const AS_SERVICE = `
[ "$1 $2 $3" = '-u credctl env' ] || exit 64
shift 3
store=.$(expr "$1" : "CREDCTL_STORE=\\(.*\\)")
shift
for word; do
  case $word in /var/lib/*) word=.$word ;; esac
  set -- "$@" "$word"
  shift
done
CREDCTL_STORE=$store exec "$@"`;

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
    await standIn(session, 'sudo', AS_SERVICE);
    const { exitCode, context } = await example(session, 'install.sh');
    expect(exitCode, context).toBe(0);
    const units = fencesOf('docs/nightly.md').map(({ title }) => title.split('/').at(-1));
    const called = await session.workspace.read('called');
    const named = called.match(/[\w-]+\.(service|timer)/g) ?? [];
    expect(named).toHaveLength(3);
    for (const unit of named) expect(units).toContain(unit);
    await session.sh('mkdir -p var/lib/credctl/secrets');
    for (const name of ['first-secret.sh', 'as-credctl.sh']) {
      const later = await example(session, name);
      expect(later.exitCode, later.context).toBe(0);
    }
    expect(await session.workspace.read('var/lib/credctl/secrets/crm-sync')).toMatch(/^cctl_sec_\w{61}$/);
    const service = exampleOf('docs/nightly.md', '/etc/systemd/system/credctl-rotate.service');
    const [, store = ''] = /^Environment=CREDCTL_STORE=%S(.*)$/m.exec(service) ?? [];
    expect(await session.ok('list', '--store', `./var/lib${store}`), 'the service finds a store').toContain(
      'NAME',
    );
  });
});

describe('other blocks', () => {
  it('rotate-by-hand.sh refuses to finish while nobody has the new secret, and finishes then', async () => {
    const session = await openSession();
    await session.ok('create', 'crm-sync', '--scope', 'data:users', '--output', 'crm.old');
    const { exitCode, context } = await example(session, 'rotate-by-hand.sh');
    expect(exitCode, context).toBe(0);
    expect(await session.ok('show', 'crm-sync', '--json')).toMatch(/"state":"current".*"state":"retired"/);
  });

  it('replace.sh keeps the mode for the group', async () => {
    const session = await openSession();
    await session.issue('app');
    await standIn(session, 'install', 'for last; do :; done; : > "$last"; chmod 640 "$last"');
    const { exitCode, context } = await example(session, 'replace.sh');
    expect(exitCode, context).toBe(0);
    expect(statSync(session.workspace.path('app.key')).mode & 0o7777).toBe(0o640);
  });

  it('to-a-program.sh delivers by standard input, once for each that is due', async () => {
    const session = await openSession();
    await session.issue('ci-bot', '--rotate-every', '1d');
    await standIn(session, 'kubectl', 'echo "$*" > called; case $* in *key=/dev/stdin) cat > secret ;; esac');
    await session.workspace.write('store-secret.sh', '#!/bin/sh\ncat > "$CREDCTL_NAME.new"\n');
    await session.sh('chmod +x store-secret.sh');
    const { exitCode, context } = await example(session, 'to-a-program.sh');
    expect(exitCode, context).toBe(0);
    for (const file of ['secret', 'ci-bot.new']) {
      expect(await verdictOn(session, await session.workspace.read(file)), file).toBe('valid');
    }
  });

  it('the catalogs are catalogs', async () => {
    const session = await openSession();
    for (const name of ['shortest.yaml', 'catalog.yaml']) {
      await session.workspace.write(name, exampleOf('docs/catalog.md', name));
      expect(await session.ok('catalog', 'check', name)).toContain(' is a catalog: ');
    }
  });

  it('the configuration file is taken, every entry of it', async () => {
    const session = await openSession({ config: exampleOf('docs/configuration.md', 'config.toml') });
    await session.sh('mkdir "$HOME/stores"');
    const info = await session.ok('store', 'init');
    expect(info).toMatch(/location: .*\/stores\/shop\.db\n[\s\S]*prefix: +shop\nhash: +sha256\n/);
    expect(await session.ok('catalog', 'show')).toContain('name: empty\n');
  });
});

describe('docs/scripts.md', () => {
  it('has the exit codes with the numbers and the names that help gives them', async () => {
    const help = await (await openSession()).ok('--help');
    const said = [...help.matchAll(/^ {2}(\d|10) {2}(\w+): /gm)].map(([, code, name]) => `${code} ${name}`);
    const told = [...readPage('docs/scripts.md').matchAll(/^\| ([1-9]|10) \| (\w+) \|/gm)];
    expect(told.map(([, code, name]) => `${code} ${name}`)).toEqual(said);
    expect(said.length).toBe(10);
  });

  it('has the columns of every listing', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const rows = [...readPage('docs/scripts.md').matchAll(/^\| `([a-z ]+)` \| ((?:`[A-Z_]+` ?)+) \|$/gm)];
    expect(rows.map(([, command]) => command)).toEqual([
      'list',
      'owner list',
      'audit list',
      'catalog presets',
      'leaks',
      'keychain list',
    ]);
    for (const [, command = '', columns = ''] of rows.slice(0, -1)) {
      const [header] = (await session.ok(...command.split(' '))).split('\n');
      expect(columns.replaceAll('`', '').split(' '), command).toEqual(header?.split('\t'));
    }
  });
});

describe('crontab', () => {
  const text = exampleOf('docs/nightly.md', 'crontab');
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
