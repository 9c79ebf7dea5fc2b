const pages = (test: string): string => `test/docs/pages/${test}.test.ts`;

const RUN_AS_ROOT = `${pages('scripts')}: with stand-ins for what only root may do`;
const KEYCHAIN = `${pages('keychain')}: where there is a keychain`;
const DATABASE = `${pages('databases')}: on a server of the test's own`;
const LOCAL = pages('local-development');
const CONTAINERS = `${pages('containers')}: with stand-ins for kubectl and docker`;
const UNIT = 'checked by systemd-analyze, and its command run';

/**
 * Blocks that cannot run as they stand, or are files: for each page by title, or by language for all of one, which test
 * checks them, and how.
 */
export const CHECKED_ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'README.md': {
    'npm ci && npx credctl create ci-bot --type api-key --scope data:conversations   # install, build, first key':
      'test/docs/readme.test.ts: what follows the installation; .ci/run installs',
    'git clone REPOSITORY credctl && cd credctl': 'test/docs/readme.test.ts: npm install -g',
    'credctl scan --history                       # was there ever a key in this repository, and does it still work?':
      pages('leaks/stop'),
    'npm run test:unit           # half a minute, without a build': 'test/docs/readme.test.ts: by name',
  },
  'docs/audit.md': {
    '/etc/systemd/system/credctl-audit.service': `${pages('audit')}: ${UNIT}`,
    '/etc/logrotate.d/credctl': `${pages('audit')}: by logrotate`,
    'vector.yaml': `${pages('audit')}: its entries`,
    'fluent-bit.yaml': `${pages('audit')}: its entries`,
  },
  'docs/backup.md': {
    crontab: pages('backup'),
    ini: `${pages('backup')}: ${UNIT}`,
    sh: `${pages('backup')}: in a store with a credential`,
  },
  'docs/catalog.md': { yaml: `${pages('scripts')}: by catalog check` },
  'docs/configuration.md': { 'config.toml': `${pages('scripts')}: a store is made with it` },
  'docs/containers.md': {
    'first-secret.sh': CONTAINERS,
    'rotate-secret.sh': CONTAINERS,
    'credctl.yaml': CONTAINERS,
    'vault.sh': `${pages('scripts')}: with a stand-in for vault`,
    'compose-secret.sh': CONTAINERS,
    'compose.yaml': CONTAINERS,
    'compose-rotate.sh': CONTAINERS,
    'swarm.sh': CONTAINERS,
  },
  'docs/delivery.md': { 'take-over.sh': 'test/cli/contract/take-over.test.ts' },
  'docs/destinations.md': {
    'replace.sh': RUN_AS_ROOT,
    'to-a-program.sh': `${pages('scripts')}: with a stand-in for kubectl`,
  },
  'docs/gateways-traefik-envoy.md': { yaml: 'test/http/clients/gateways-played.test.ts: by a stand-in' },
  'docs/gateways.md': {
    'serve.sh': 'test/http/clients/gateways-played.test.ts',
    nginx: 'test/http/clients/gateways.test.ts: by nginx',
    caddyfile: 'test/http/clients/gateways.test.ts: by Caddy',
  },
  'docs/getting-started.md': { 'install.sh': 'test/docs/readme.test.ts: the same commands as in the README' },
  'docs/github-actions.md': { yaml: `${pages('github-actions')}: on a runner that is played` },
  'docs/json.md': { json: pages('json') },
  'docs/keychain.md': { 'save.sh': KEYCHAIN, 'run.sh': KEYCHAIN },
  'docs/leaks.md': {
    'look.sh': `${pages('leaks/look')}: in a repository with and without a secret`,
    'stop.sh': pages('leaks/stop'),
    'hook.sh': pages('leaks/stop'),
    '.github/workflows/leaks.yml': `${pages('leaks/jobs')}: on a runner that is played`,
    '.gitlab-ci.yml': pages('leaks/jobs'),
    'scan-all.sh': `${pages('leaks/nightly')}: with a stand-in for mail`,
    ini: `${pages('leaks/nightly')}: ${UNIT}`,
    'reports.sh': `${pages('leaks/reports')}: with stand-ins for the scanners`,
  },
  'docs/library.md': {
    'install-library.sh': 'test/library/package.test.ts: the package, installed',
    ts: 'test/library/documentation.test.ts: type-checked and run',
  },
  'docs/local-development.md': {
    'set-up.sh': LOCAL,
    'dev.sh': LOCAL,
    'app.sh': LOCAL,
    'app-json.sh': LOCAL,
    'set-up-files.sh': LOCAL,
    'run-with-files.sh': LOCAL,
    'endpoints.sh': `${LOCAL}: what serve --dev prints`,
    'try.sh': LOCAL,
    'once.sh': pages('direnv'),
    '.envrc': pages('direnv'),
    'again.sh': pages('direnv'),
  },
  'docs/moving.md': { 'to-postgresql.sh': DATABASE },
  'docs/nightly.md': {
    crontab: `${pages('scripts')}: by cron, and run`,
    ini: `${pages('nightly')}: ${UNIT}`,
    'install.sh': RUN_AS_ROOT,
    'first-secret.sh': RUN_AS_ROOT,
  },
  'docs/postgresql.md': { sql: DATABASE, 'init.sh': DATABASE },
  'docs/production.md': {
    'compose-up.sh': 'test/contrib/compose.test.ts: each service with its own PostgreSQL',
    ini: `${pages('production')}: ${UNIT}`,
    'install-serve.sh': `${pages('production')}: with stand-ins for what only root may do`,
    Caddyfile: `${pages('production')}: by Caddy`,
    'grant-and-serve.sh': DATABASE,
    'credctl-serve.yaml': pages('production-kubernetes'),
  },
  'docs/rotation.md': { 'rotate-by-hand.sh': pages('scripts'), 'policies.sh': pages('scripts') },
  'docs/scripts.md': { 'branch-on-the-exit-code.sh': pages('scripts') },
  'docs/server.md': {
    'token.sh': pages('server'),
    'test-auth.sh': pages('server'),
    'verify.sh': pages('server'),
    'introspect.sh': pages('server'),
    'revoke.sh': pages('server'),
    'scan-check.sh': pages('server'),
    json: pages('server'),
  },
  'docs/several-admins.md': {
    'move.sh': `${pages('several-admins')}: with stand-ins for what only root may do`,
    'as-credctl.sh': RUN_AS_ROOT,
    'grant.sh': DATABASE,
    'alice.toml': DATABASE,
  },
  'docs/stopping.md': { 'unused.sh': pages('scripts') },
};
