import { copyFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fencesOf, readPage } from '../../support/build/page.js';
import { differencesOfShape } from '../../support/build/shape.js';
import { openSession, type Session } from '../../support/program/run.js';

const PAGE = 'docs/json.md';

/** What each row of the table is compared with, in an order in which they work one after the other. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  '`completion bash`': ['credctl completion bash'],
  '`catalog init`': ['credctl catalog init'],
  '`store info`, `store init`, `store set`, `store adopt`': [
    'credctl store init --hash bcrypt --bcrypt-cost 4',
    'credctl store info',
    'credctl store set --bcrypt-cost 5',
    'credctl store adopt --store ./copied.db',
  ],
  '`owner show`, `owner create`, `owner edit`': [
    'credctl owner create crm --kind service',
    'credctl owner show crm',
    'credctl owner edit crm --name sales',
    'credctl owner edit sales --name crm',
  ],
  '`create`': ['credctl create web-shop --type api-key --scope data:users --label env=prod --owner crm'],
  '`create`, an OAuth 2.0 client': ['credctl create web-app --scope data:users'],
  '`rotate`': ['credctl rotate web-shop'],
  '`show`, `edit`': ['credctl show web-shop', 'credctl edit web-shop --rotate-every 1d'],
  '`list`': ['credctl list --owner crm'],
  '`rotate --due --dry-run`': ['credctl rotate --due --within 2d --dry-run'],
  '`rotate --due`': ['mkdir out; credctl rotate --due --within 2d --output-dir out'],
  '`verify`': ['credctl verify < out/web-shop'],
  '`verify`, exit code 4': ['echo nonsense | credctl verify'],
  '`scan`': [
    'credctl scan out',
    'credctl scan out --revoke deactivate --yes',
    "'credctl' activate web-shop -q; credctl scan out --offline",
  ],
  '`scan rules`': ['credctl scan rules --format gitleaks'],
  '`scan hook`': ['credctl scan hook'],
  '`scan hook --install`': ['git init -q; credctl scan hook --install'],
  '`owner list`': ['credctl owner list'],
  '`catalog show`': ['credctl catalog show'],
  '`catalog check`': ['credctl catalog check catalog.yaml'],
  '`catalog presets`': ['credctl catalog presets'],
  '`catalog apply`, `catalog use`': [
    'credctl catalog apply -f catalog.yaml --yes --store ./other.db',
    'credctl catalog use mparticle --yes --store ./other.db',
  ],
  '`audit list`': ['credctl audit list --limit 1'],
  '`audit show`': ['credctl audit show 1'],
  '`audit verify`': ['credctl audit verify'],
  '`leaks`, `leaks list`': [
    "'credctl' create bait --type api-key --canary -q > bait; 'credctl' verify --record-use < bait > none; credctl leaks",
    'credctl leaks list',
  ],
  '`leaks close`': ["credctl leaks close 1 --reason 'a test'"],
  '`store check`': ['credctl store check'],
  '`store backup`': ['credctl store backup backup.db'],
  '`store restore`': ['credctl store restore backup.db --store ./restored.db'],
  '`store copy`': ['credctl store copy --to ./copy.db'],
  '`store migrate`': ['credctl store migrate'],
  '`deactivate --unused-for 90d --dry-run`': ['credctl deactivate --unused-for 1s --force --dry-run'],
  '`delete --unused-for 90d --dry-run`': ['credctl delete --unused-for 1s --force --dry-run'],
  '`activate`, `deactivate`, `delete`, `owner activate`, `owner deactivate`, `owner delete`': [
    'credctl deactivate web-shop',
    'credctl activate web-shop',
    'credctl delete web-shop --yes',
    'credctl owner deactivate crm',
    'credctl owner activate crm',
    'credctl owner delete crm --yes',
  ],
  '`serve`': [
    'credctl serve --port 0 --json > url.json 2> log & until [ -s url.json ]; do sleep 0.1; done; kill $!; wait; cat url.json',
  ],
  'every command, on standard error': ['credctl show nobody 2>&1 > none'],
};

/** Rows that other tests compare with what the commands print. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  '`store grant`': 'test/cli/contract/store/postgres-roles.test.ts',
  '`keychain list`': 'test/cli/keychain/list.test.ts',
  '`keychain get`': 'test/cli/keychain/get.test.ts',
  '`keychain delete`': 'test/cli/keychain/delete.test.ts',
};

const [CREDENTIAL = '', FINDING = ''] = fencesOf(PAGE).map(({ text }) => text);

/** The rows of the table: what each command prints. */
const rows = new Map(
  [...readPage(PAGE).matchAll(/^\| (.*?) \| `(\{.*\})` \|$/gm)].map(([, command = '', document = '']) => [
    command,
    JSON.parse(document.replaceAll('CREDENTIAL', CREDENTIAL).replaceAll('FINDING', FINDING)) as unknown,
  ]),
);

/** Runs a line in which `--json` is added to the command. */
async function documentOf(session: Session, line: string): Promise<unknown> {
  if (line.includes('adopt'))
    copyFileSync(session.workspace.defaultStore, session.workspace.path('copied.db'));
  const { stdout } = await session.sh(line.replace(/\bcredctl /, 'credctl --json '));
  return JSON.parse(stdout);
}

describe('docs/json.md', () => {
  it('shows what every command prints', async () => {
    expect([...rows.keys()].toSorted()).toEqual(
      [...Object.keys(COMMANDS), ...Object.keys(ELSEWHERE)].toSorted(),
    );
    const session = await openSession();
    for (const [row, lines] of Object.entries(COMMANDS)) {
      for (const line of lines) {
        expect(differencesOfShape(rows.get(row), await documentOf(session, line)), line).toEqual([]);
      }
    }
  });

  it('is compared member by member', () => {
    expect(differencesOfShape({ a: 1, b: ['x'] }, { a: 2, b: ['y', 'z'] })).toEqual([]);
    expect(differencesOfShape({ a: 1, b: ['x'] }, { b: ['y'], a: 2 })).toEqual(['$ has b,a, not a,b']);
    expect(differencesOfShape({ a: 1, b: ['x'] }, { a: '1', b: [2] })).toEqual(['$.a is "1"', '$.b[0] is 2']);
  });
});
