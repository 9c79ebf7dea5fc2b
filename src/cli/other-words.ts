/** Words of other programs within a group of commands: the word of this one, which may lead on to another. */
export const WORDS_IN_GROUPS: Readonly<Record<string, string>> = {
  ls: 'list',
  list: 'show',
  get: 'show',
  describe: 'show',
  new: 'create',
  add: 'create',
  update: 'edit',
  rename: 'edit',
  rm: 'delete',
  remove: 'delete',
  enable: 'activate',
  disable: 'deactivate',
};

/** Words of other programs for commands of this one: what to type here, by the word. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  ls: "'credctl list'",
  search: "'credctl list --search TEXT'",
  find: "'credctl list --search TEXT'",
  keys: "'credctl list --type api-key'",
  status: "'credctl show NAME', or 'credctl store info'",
  whoami: "'credctl verify', which says whose secret it reads from standard input",
  get: "'credctl show NAME', or 'credctl keychain get NAME' for a saved secret",
  info: "'credctl show NAME', or 'credctl store info'",
  describe: "'credctl show NAME'",
  new: "'credctl create'",
  add: "'credctl create'",
  issue: "'credctl create'",
  update: "'credctl edit NAME'",
  set: "'credctl edit NAME', or 'credctl store set'",
  rename: "'credctl edit NAME --name NEW'",
  rm: "'credctl delete NAME'",
  remove: "'credctl delete NAME'",
  revoke:
    "'credctl rotate NAME --now' to replace the secret, 'credctl deactivate NAME' to stop it, or 'credctl delete NAME' to end it for good",
  regenerate: "'credctl rotate NAME'",
  renew: "'credctl rotate NAME'",
  enable: "'credctl activate NAME'",
  disable: "'credctl deactivate NAME'",
  test: "'credctl verify', which reads the secret from standard input",
  exec: "'credctl run NAME -- COMMAND'",
  user: "'credctl owner'",
  users: "'credctl owner list'",
  owners: "'credctl owner list'",
  scopes: "'credctl catalog show'",
  init: "'credctl store init'",
  check: "'credctl store check'",
  backup: "'credctl store backup FILE'",
  restore: "'credctl store restore FILE'",
  migrate: "'credctl store migrate'",
  grant: "'credctl store grant ROLE --to DBROLE'",
  log: "'credctl audit'",
  logs: "'credctl audit'",
  history: "'credctl audit'",
  server: "'credctl serve'",
  start: "'credctl serve'",
  version: "'credctl --version'",
};

/** What does here what another program calls `word`; null for a word that none is known to use. */
export function commandFor(word: string): string | null {
  const wanted = word.toLowerCase();
  return Object.hasOwn(OTHER_WORDS, wanted) ? (OTHER_WORDS[wanted] ?? null) : null;
}
