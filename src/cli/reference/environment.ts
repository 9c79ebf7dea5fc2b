/** An entry of the reference: name and meaning. */
export type Entry = readonly [name: string, meaning: string];

/** Environment variables of the program. */
export const ENVIRONMENT: readonly Entry[] = [
  ['CREDCTL_STORE', 'The store, where --store is not given.'],
  ['CREDCTL_DEBUG', 'With 1, a failure also shows where in the program it arose.'],
  ['XDG_CONFIG_HOME', 'Directory of credctl/config.toml; ~/.config without it.'],
  ['XDG_DATA_HOME', 'Directory of the default store credctl/credctl.db; ~/.local/share without it.'],
  ['XDG_CACHE_HOME', 'Directory of credctl/ with compiled code; ~/.cache without it.'],
  ['NODE_DISABLE_COMPILE_CACHE', 'With 1, no compiled code is kept or used.'],
  ['APPDATA', 'On Windows, the directory of both, where no XDG variable names another.'],
  ['HOME', 'Where ~ leads to in the configuration file, and the start of the XDG defaults.'],
  ['NO_COLOR', 'When it is set to anything, there is no colour.'],
  [
    'FORCE_COLOR',
    'When it is set, there is colour even where no terminal is. NO_COLOR and --no-color come first.',
  ],
  [
    'SUDO_USER',
    'Under sudo, who is noted in the audit trail beside the account; DOAS_USER likewise under doas.',
  ],
  ['NOTIFY_SOCKET', 'Where serve tells systemd that it is ready and that it ends, by systemd-notify.'],
  ['TERM', 'What the terminal can do.'],
  [
    'PAGER',
    'What shows output that is longer than the screen: a line for the shell; less without it, nothing with cat or an empty one. It gets LESS=FRX, LESSCHARSET=utf-8 and LV=-c where these are not set.',
  ],
  ['DISPLAY', 'When it is set, a person gets a minute to unlock the keychain.'],
  ['WAYLAND_DISPLAY', 'The same.'],
  [
    'DBUS_SESSION_BUS_ADDRESS',
    'On Linux, where the keychain is; else in the next directory, or at /run/user/UID/bus.',
  ],
  ['XDG_RUNTIME_DIR', 'The directory of the bus, where its address is not given.'],
  ['GITHUB_ACTIONS', 'Must be true for --format github-actions.'],
  ['GITHUB_ENV', 'A file to append to, which --output refuses to replace.'],
  ['GITHUB_OUTPUT', 'The same.'],
  ['PGPASSWORD', 'The password of a PostgreSQL database, where its URL has none.'],
  ['PGPASSFILE', 'The file of passwords; ~/.pgpass without it. It counts only if nobody else can read it.'],
  ['PGHOST', 'Where PostgreSQL is, where the URL does not say; PGPORT, PGUSER and PGDATABASE likewise.'],
  ['PGSSLMODE', 'The sslmode of a URL that has none; PGSSLROOTCERT, PGSSLCERT and PGSSLKEY likewise.'],
  ['PGREQUIREAUTH', 'The require_auth of a URL that has none: how the server may ask who connects.'],
  ['PGHOSTADDR', 'The IP address of the server, where the URL names no host.'],
  [
    'PGSERVICE',
    'The service that says what the URL does not; PGSERVICEFILE and PGSYSCONFDIR say where it is.',
  ],
  [
    'PGCONNECT_TIMEOUT',
    'The connect_timeout of a URL that has none; PGTARGETSESSIONATTRS and PGCHANNELBINDING likewise.',
  ],
  ['PGOPTIONS', 'Settings for the session, as -c NAME=VALUE.'],
  ['PGAPPNAME', 'What the server calls the session; credctl without it.'],
];

/** Files of the program. */
export const FILES: readonly Entry[] = [
  [
    '$XDG_CONFIG_HOME/credctl/config.toml',
    'Configuration: store and keychain_timeout; prefix, hash, bcrypt_cost and catalog as defaults for a new store.',
  ],
  [
    '$XDG_DATA_HOME/credctl/credctl.db',
    'The store, where nothing else names one. The first change creates it.',
  ],
  [
    '$XDG_CACHE_HOME/credctl/',
    'Code of the program itself as Node.js has compiled it, so that later starts are quicker. It may be deleted at any time.',
  ],
];

/** Precedence of store references. */
export const STORE_PRECEDENCE =
  'The store is named by --store, else by CREDCTL_STORE, else by the configuration file; else it is the default one.';

/** Where the global options stand. */
export const GLOBAL_OPTIONS =
  'Every command takes these options, before or after its name; --version stands alone.';
