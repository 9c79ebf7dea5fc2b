/** An entry of the reference: name and meaning. */
export type Entry = readonly [name: string, meaning: string];

/** Environment variables of the program. */
export const ENVIRONMENT: readonly Entry[] = [
  ['CREDCTL_STORE', 'The store, if --store is not given.'],
  ['CREDCTL_DEBUG', 'With 1, an error also prints a stack trace.'],
  ['XDG_CONFIG_HOME', 'The directory of credctl/config.toml (default: ~/.config).'],
  ['XDG_DATA_HOME', 'The directory of the default store credctl/credctl.db (default: ~/.local/share).'],
  ['XDG_CACHE_HOME', 'The directory of credctl/ with compiled code (default: ~/.cache).'],
  ['NODE_DISABLE_COMPILE_CACHE', 'With 1, no compiled code is stored or used.'],
  [
    'APPDATA',
    'On Windows, the directory of the configuration and of the default store, if no XDG variable is set.',
  ],
  ['HOME', 'The home directory: ~ in the configuration file and in the defaults above.'],
  ['NO_COLOR', 'If set to anything, there is no colour.'],
  [
    'FORCE_COLOR',
    'If set, there is colour also without a terminal. NO_COLOR and --no-color take precedence.',
  ],
  ['SUDO_USER', 'Under sudo, the user that the audit trail names beside the account; under doas, DOAS_USER.'],
  [
    'NOTIFY_SOCKET',
    'The socket of systemd: serve reports by systemd-notify when it is ready and when it ends.',
  ],
  ['TERM', 'The type of the terminal.'],
  [
    'PAGER',
    'The command line of the pager for output that is longer than the screen (default: less). Empty or cat: no pager. The pager gets LESS=FRX, LESSCHARSET=utf-8 and LV=-c if these are not set.',
  ],
  ['DISPLAY', 'If set, there is a desktop: credctl waits a minute for you to unlock the keychain.'],
  ['WAYLAND_DISPLAY', 'As DISPLAY.'],
  [
    'DBUS_SESSION_BUS_ADDRESS',
    'On Linux, the address of the bus of the keychain (default: bus in XDG_RUNTIME_DIR, then /run/user/UID/bus).',
  ],
  ['XDG_RUNTIME_DIR', 'On Linux, the directory of the bus, if DBUS_SESSION_BUS_ADDRESS is not set.'],
  ['GITHUB_ACTIONS', 'Must be true for --format github-actions.'],
  ['GITHUB_ENV', 'A file of the runner; --output refuses to replace it.'],
  ['GITHUB_OUTPUT', 'As GITHUB_ENV.'],
  ['PGPASSWORD', 'The password of the PostgreSQL database, if the URL has none.'],
  [
    'PGPASSFILE',
    'The password file of PostgreSQL (default: ~/.pgpass). It is ignored if other users can read it.',
  ],
  ['PGHOST', 'The host of PostgreSQL, if the URL has none; also PGPORT, PGUSER and PGDATABASE.'],
  ['PGSSLMODE', 'The sslmode, if the URL has none; also PGSSLROOTCERT, PGSSLCERT and PGSSLKEY.'],
  ['PGREQUIREAUTH', 'The require_auth, if the URL has none: the login methods that the server may ask for.'],
  ['PGHOSTADDR', 'The IP address of PostgreSQL, if the URL has no host.'],
  [
    'PGSERVICE',
    'The PostgreSQL service whose settings complete the URL; PGSERVICEFILE and PGSYSCONFDIR say where its file is.',
  ],
  [
    'PGCONNECT_TIMEOUT',
    'The connect_timeout, if the URL has none; also PGTARGETSESSIONATTRS and PGCHANNELBINDING.',
  ],
  ['PGOPTIONS', 'Settings of the PostgreSQL session, as -c NAME=VALUE.'],
  ['PGAPPNAME', 'The name of the session in PostgreSQL (default: credctl).'],
];

/** Files of the program. */
export const FILES: readonly Entry[] = [
  [
    '$XDG_CONFIG_HOME/credctl/config.toml',
    'Configuration: store and keychain_timeout; prefix, hash, bcrypt_cost and catalog as defaults for a new store.',
  ],
  ['$XDG_DATA_HOME/credctl/credctl.db', 'The default store. The first change creates it.'],
  [
    '$XDG_CACHE_HOME/credctl/',
    'Compiled code of credctl, which makes it start faster. You can delete it at any time.',
  ],
];

/** Precedence of store references. */
export const STORE_PRECEDENCE =
  'credctl uses the store that --store names, or else CREDCTL_STORE, or else the configuration file, or else the default store.';

/** Where the global options stand. */
export const GLOBAL_OPTIONS =
  'Every command takes these options, before or after its name; --version stands alone.';
