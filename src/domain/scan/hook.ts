import { shellWord } from '../text/quote.js';

/** What a hook runs: a machine where code is written has no store to ask. */
export function hookCommand(prefix: string): string {
  return `credctl scan --staged --offline --prefix ${shellWord(prefix)}`;
}

/** A pre-commit hook of git, for any POSIX shell. It stops the commit where it cannot scan it. */
export function preCommitHook(prefix: string): string {
  return `#!/bin/sh
# Stops a commit that holds a secret of credctl, prefix ${prefix}; from 'credctl scan hook'.
# To commit once without it: git commit --no-verify

if ! command -v credctl >/dev/null 2>&1; then
  printf '%s\\n' \\
    'pre-commit: credctl was not found, so nothing was scanned and nothing is committed' \\
    "hint: install it ('npm install -g credctl'), or commit once without: git commit --no-verify" >&2
  exit 1
fi

${hookCommand(prefix)} && exit 0
status=$?
printf '%s\\n' 'pre-commit: nothing is committed; to commit once without the scan: git commit --no-verify' >&2
exit "$status"
`;
}
