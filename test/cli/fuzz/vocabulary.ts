/** A well-formed secret that no store holds; the part that must never be seen again. */
export const SECRET = 'cctl_key_0123456789AB003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3G6fTG';
export const HIDDEN = SECRET.slice('cctl_key_0123456789AB'.length, -6);

/** Names that credentials, owners and presets have, or might have. */
export const CREDENTIALS = ['ci-bot', 'CI-BOT', 'retiring', 'expired', 'a', 'b', 'c', 'd/e', '9', 'nobody'];
export const OWNERS = ['crm', 'CRM', 'alice', 'nobody'];
const PRESETS = ['moveworks', 'mparticle', 'empty', 'none'];

const DELIVERY = ['--format', '--output', '--env-prefix', '--force', '--print', '--no-print'];
const EXPIRY = ['--expires-in', '--expires-at', '--rotate-every'];
const PAGE = ['--limit', '--cursor'];
const CUT = ['--unused-for', '--dry-run', '--force', '--unless-used-within', '--if-revision'];
const HASHING = ['--hash', '--bcrypt-cost'];

/** Every command of the program: what it is about, and the flags that are its own. */
export const COMMANDS: readonly {
  readonly words: readonly string[];
  readonly operands: readonly string[];
  readonly flags: readonly string[];
}[] = [
  {
    words: ['create'],
    operands: CREDENTIALS,
    flags: ['--scope', '--type', '--owner', '--description', '--label', ...EXPIRY, ...DELIVERY],
  },
  {
    words: ['list'],
    operands: [],
    flags: [
      ...[
        '--type',
        '--status',
        '--scope',
        '--owner',
        '--label',
        '--due',
        '--expiring',
        '--within',
        '--unused-for',
        '--search',
      ],
      ...['--sort', ...PAGE],
    ],
  },
  { words: ['show'], operands: CREDENTIALS, flags: [] },
  {
    words: ['edit'],
    operands: CREDENTIALS,
    flags: [
      ...[
        '--name',
        '--scope',
        '--add-scope',
        '--remove-scope',
        '--owner',
        '--no-owner',
        '--description',
        '--label',
      ],
      ...['--remove-label', '--no-expiry', '--no-rotation', '--if-revision', ...EXPIRY],
    ],
  },
  { words: ['activate'], operands: CREDENTIALS, flags: ['--if-revision'] },
  { words: ['deactivate'], operands: CREDENTIALS, flags: CUT },
  {
    words: ['rotate'],
    operands: CREDENTIALS,
    flags: [
      ...['--grace', '--now', '--if-older-than', '--if-revision', '--unless-used-within'],
      ...['--finish', '--abort', '--resume', '--force', ...DELIVERY],
    ],
  },
  { words: ['delete'], operands: CREDENTIALS, flags: CUT },
  { words: ['verify'], operands: [], flags: ['--scope', '--client-id'] },
  { words: ['owner', 'create'], operands: OWNERS, flags: ['--kind'] },
  { words: ['owner', 'list'], operands: [], flags: [] },
  { words: ['owner', 'show'], operands: OWNERS, flags: [] },
  { words: ['owner', 'edit'], operands: OWNERS, flags: ['--name'] },
  { words: ['owner', 'activate'], operands: OWNERS, flags: [] },
  { words: ['owner', 'deactivate'], operands: OWNERS, flags: ['--unless-used-within'] },
  { words: ['owner', 'delete'], operands: OWNERS, flags: ['--unless-used-within'] },
  { words: ['catalog', 'show'], operands: [], flags: [] },
  { words: ['catalog', 'presets'], operands: [], flags: [] },
  { words: ['catalog', 'use'], operands: PRESETS, flags: ['--yes'] },
  { words: ['catalog', 'apply'], operands: [], flags: ['--file', '-f', '--dry-run', '--yes'] },
  { words: ['audit'], operands: [], flags: ['--target', '--action', '--since', ...PAGE] },
  { words: ['audit', 'list'], operands: [], flags: ['--target', '--action', '--since', ...PAGE] },
  { words: ['audit', 'verify'], operands: [], flags: ['--head'] },
  { words: ['audit', 'export'], operands: [], flags: [] },
  { words: ['leaks'], operands: ['1', 'x'], flags: ['--all', ...PAGE] },
  { words: ['leaks', 'close'], operands: ['1', '0', '99999999999', 'x'], flags: ['--reason'] },
  { words: ['store', 'init'], operands: [], flags: ['--prefix', '--catalog', ...HASHING] },
  { words: ['store', 'info'], operands: [], flags: [] },
  { words: ['store', 'set'], operands: [], flags: HASHING },
  { words: ['store', 'check'], operands: [], flags: [] },
  ...['owner', 'help', 'crate', '__proto__'].map((word) => ({
    words: [word],
    operands: ['create', 'list', 'show', 'nonsense'],
    flags: [],
  })),
];

/** Flags with a value: values that mean something to them, the good ones first. */
export const VALUES: Readonly<Record<string, readonly string[]>> = {
  '--type': ['oauth2', 'api-key', 'oauth'],
  '--scope': [
    'data:users',
    'data:*',
    'events:messages',
    'credctl:introspect',
    'credctl:scan',
    'data:user',
    'a:b@org/c',
    'data',
  ],
  '--add-scope': ['data:conversations', 'events:*', 'data:users'],
  '--remove-scope': ['data:users', 'data:*'],
  '--owner': OWNERS,
  '--kind': ['service', 'user', 'robot'],
  '--name': ['ci-bot', 'renamed', 'A', 'a/b'],
  '--description': ['text', 'two\nlines', ''],
  '--label': ['a=1', 'a=', 'constructor=1', '__proto__=1', '=', 'a'],
  '--remove-label': ['a', 'constructor', '__proto__'],
  '--expires-in': ['90d', '1s', '0', '1M', '36501d', '-1d'],
  '--expires-at': ['2090-01-31T12:00:00Z', '2001-01-31T12:00:00Z', 'tomorrow'],
  '--rotate-every': ['90d', '1s', '0'],
  '--grace': ['7d', '0', '1s', '36500d'],
  '--if-older-than': ['30d', '1s'],
  '--unless-used-within': ['30d', '1s', '0'],
  '--if-revision': ['1', '2', '0', '99999999999999999999'],
  '--format': [
    'text',
    'json',
    'env',
    'dotenv',
    'k8s-secret',
    'docker-secret',
    'github-actions',
    'csv',
    'tsv',
    'xml',
  ],
  '--output': ['out', 'sub/out', '.', 'team.db', 'none/none/none'],
  '--env-prefix': ['X', '1X', 'A B'],
  '--status': ['active', 'inactive', 'owner-inactive', 'owner_inactive', 'expired', 'canary'],
  '--within': ['1d', '0'],
  '--unused-for': ['1s', '90d'],
  '--search': ['bot', '%', '_', '\\'],
  '--sort': ['name', 'created', 'last-used', 'expires', 'size'],
  '--limit': ['1', '1000', '0', '1001', '1e3'],
  '--cursor': ['WyJuYW1lIiwiYSIsImEiXQ', '5', 'W10', 'bnVsbA'],
  '--client-id': ['cctl_id_0123456789abcdef', 'x'],
  '--file': ['catalog.yaml', '-', 'none.yaml', '.'],
  '-f': ['catalog.yaml', '-'],
  '--target': ['ci-bot', 'crm', 'cctl_key_0123456789AB'],
  '--action': ['credential.create', 'credential'],
  '--since': ['7d', '2020-01-01T00:00:00Z', '0', '5'],
  '--head': ['0'.repeat(64), 'f'.repeat(64), 'f'],
  '--hash': ['sha256', 'bcrypt', 'md5'],
  '--bcrypt-cost': ['4', '3', '99'],
  '--prefix': ['acme', 'ACME', ''],
  '--catalog': PRESETS,
  '--store': [
    'team.db',
    'sqlite:team.db',
    'sub/team.db',
    'out',
    '',
    'postgres://u:hunter2@h/d',
    'postgres://h/d',
    '.',
  ],
  '--reason': ['ticket 42', '', '=1+1'],
};

/** Flags without a value, and what only looks like one. */
export const SWITCHES: readonly string[] = [
  ...['--yes', '-y', '-q', '--quiet', '--no-input', '--no-color', '--now', '--finish', '--abort', '--force'],
  ...[
    '--no-print',
    '--due',
    '--no-owner',
    '--dry-run',
    '--help',
    '--version',
    '--keychain',
    '-qy',
    '-h',
    '--',
  ],
  ...['-', '-x', '--nonsense', '--no-nonsense', '--type=', '--yes=1'],
];

/** Flags that a command line may have wherever it likes. */
export const GLOBAL: readonly string[] = ['--store', '--reason', '--yes', '-q', '--no-input', '--no-color'];
