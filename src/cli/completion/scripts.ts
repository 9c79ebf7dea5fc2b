import type { Shell } from './shells.js';

/**
 * Completion scripts: each passes the line up to the cursor to `credctl __complete` and the candidates to its
 * shell, without expanding anything. They are independent of the user's shell options.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  // For bash 3.2 and later; compopt exists from 4.0 on.
  bash: `# Completion of credctl's command line for bash. Made by: credctl completion bash

_credctl() {
  local line last IFS=$' \\t\\n'
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY[\${#COMPREPLY[@]}]=$line
  done <<< "$(printf '%s\\0' "\${COMP_LINE:0:COMP_POINT}" "$2" | command credctl __complete bash 2> /dev/null)"
  last=$((\${#COMPREPLY[@]} - 1))
  case \${COMPREPLY[last]} in
    :files) compopt -o default 2> /dev/null ;;
    :directories) compopt -o dirnames 2> /dev/null ;;
  esac
  unset "COMPREPLY[last]"
}

if type compopt > /dev/null 2>&1; then
  complete -F _credctl credctl
else
  complete -o default -F _credctl credctl
fi
`,
  // To be sourced, or installed as _credctl in a directory of fpath.
  zsh: `#compdef credctl
# Completion of credctl's command line for zsh. Made by: credctl completion zsh

_credctl() {
  local line="\${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX" kind
  local -a found
  found=("\${(@f)$(print -rn -- "$line" | command credctl __complete zsh 2> /dev/null)}")
  kind=\${found[-1]#:}
  found[-1]=()
  # What has the tag options is offered after a dash alone.
  [[ $PREFIX == -* ]] || kind=\${kind/option/flag}
  [[ $PREFIX != --*=* ]] || compset -P 1 '*='
  case $kind in
    files) _files ;;
    directories) _files -/ ;;
    *) (( $#found )) && _describe -t \${kind}s $kind found ;;
  esac
}

if [[ \${funcstack[1]} == _credctl ]]; then
  _credctl "$@"
elif (( \${+functions[compdef]} )); then
  compdef _credctl credctl
fi
`,
  // For fish 3.0 and later, which completes paths when no condition holds.
  fish: `# Completion of credctl's command line for fish. Made by: credctl completion fish

function __credctl_finds
    set -g __credctl_found
    # fish reports an unknown command on the terminal, whatever the command's standard error is.
    command -q credctl; or return 0
    set -g __credctl_found (commandline -cp | command credctl __complete fish 2>/dev/null)
    set -l kind $__credctl_found[-1]
    set -e __credctl_found[-1]
    not contains -- "$kind" :files :directories
end

complete -c credctl -n __credctl_finds -f -a '$__credctl_found'
`,
};
