import { usageError } from '../errors.js';
import { isSecretShape } from '../secret/secret-format.js';
import { quote } from './quote.js';

/**
 * Variables that the dynamic linker, shells, interpreters or common libraries interpret: a secret there would
 * break the program, and several of them are printed when invalid.
 */
const ACTED_UPON = new RegExp(
  `^(?:${[
    'PATH|HOME|SHELL|USER|LOGNAME|PWD|OLDPWD|TMPDIR|TERM|TERMINFO|LANG|LANGUAGE|LC_\\w+|TZ|EDITOR|VISUAL|PAGER',
    '(?:LD|DYLD)_\\w+|GLIBC_TUNABLES|GCONV_PATH|LOCPATH|NLSPATH|MALLOC_\\w+',
    'IFS|ENV|BASH_ENV|BASHOPTS|SHELLOPTS|ZDOTDIR|PS[0-4]|PROMPT_COMMAND|CDPATH|FPATH',
    'NODE_OPTIONS|NODE_PATH|PYTHON(?:PATH|HOME|STARTUP|WARNINGS|INSPECT|BREAKPOINT)|PERL5(?:OPT|LIB|DB)|PERLLIB',
    'RUBY(?:OPT|LIB)|GEM_(?:HOME|PATH)|(?:JAVA_TOOL|_JAVA|JDK_JAVA)_OPTIONS|CLASSPATH|PHPRC|GOFLAGS|RUSTFLAGS|MAKEFLAGS',
    'SSH_AUTH_SOCK|DBUS_SESSION_BUS_ADDRESS|XDG_\\w+|DISPLAY|WAYLAND_DISPLAY|(?:https?|all|no)_proxy|(?:HTTPS?|ALL|NO)_PROXY',
    'SYSTEMROOT|COMSPEC|PATHEXT|TEMP|TMP|APPDATA|LOCALAPPDATA|CREDCTL_\\w+',
  ].join('|')})$`,
);

/**
 * Parses the name of an environment variable.
 *
 * @throws CredctlError `usage` when no shell could read a variable of that name, or when it is a secret
 */
export function parseVariableName(text: string): string {
  if (isSecretShape(text)) {
    throw usageError(
      'a secret was given where the name of a variable belongs',
      "the secret may now be in your shell's history: rotate it; 'credctl run' takes secrets from the keychain",
    );
  }
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return text;
  throw usageError(
    `${quote(text)} cannot name a variable`,
    'use letters, digits and underscores; do not begin with a digit',
  );
}

/** Whether common programs interpret a variable of that name, so that it must not hold a secret. */
export function isActedUpon(variable: string): boolean {
  return ACTED_UPON.test(variable);
}
