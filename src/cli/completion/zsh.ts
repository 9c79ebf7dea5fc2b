import type { CommandLine } from './places.js';
import { BACKQUOTE, script } from './script-text.js';
import { shTables } from './sh-tables.js';

/**
 * The completion script for zsh, to be sourced or to lie in a directory of `fpath` as `_credctl`. `compadd` quotes what
 * it inserts; names from the store reach it in an array, expanded by nothing.
 */
export function zshScript(commandLine: CommandLine): string {
  return script`
#compdef credctl
# Completion of credctl's command line for zsh. Made by: credctl completion zsh

${shTables(commandLine, (word) => `${word.text}:${word.meaning}`)}
# Walks over the words before the cursor: sets 'at' to the command they name, 'flag' to one that waits for its value,
# 'count' to the number of arguments, and 'store'. Fails after '--', where words are none of ours.
__credctl_walk() {
  local -i i
  local -a names
  local plain
  at= flag= store= unclear= count=0
  for ((i = 2; i < CURRENT; i++)); do
    plain=\${(Q)words[i]}
    if [[ -n $flag ]]; then
      [[ $flag != --store ]] || __credctl_store "$words[i]" "$plain"
      flag=
    elif [[ $plain == -- ]]; then
      return 1
    elif [[ $plain == --*=* ]]; then
      [[ $plain != --store=* ]] || __credctl_store "\${words[i]#*=}" "\${plain#*=}"
    elif [[ $plain == -?* ]]; then
      ! __credctl_value "$at" "$plain" || flag=$plain
    else
      __credctl_place "$at"
      names=(\${subcommands%%:*})
      if (( \${names[(Ie)$plain]} )); then
        at=$at\${at:+ }$plain
      elif [[ $plain != help || -n $at ]]; then
        (( count += 1 ))
      fi
    fi
  done
}

# Notes the store that the line names: $1 as typed, $2 without quotes. Where only the shell could tell, there are no names.
__credctl_store() {
  store=$2
  [[ $1 != *[\$${BACKQUOTE}]* ]] || unclear=1
  [[ $1 != '~/'* ]] || store=$HOME/\${2:2}
}

# Offers what 'source' stands for.
__credctl_offer() {
  local -a found expl
  case $source in
    values:*)
      found=(\${(s: :)source#values:})
      _wanted values expl value compadd -a found
      ;;
    names:*)
      [[ -z $unclear ]] || return 1
      found=("\${(@f)$(
        [[ -z $store ]] || export CREDCTL_STORE=$store
        command credctl completion --candidates \${source#names:} -- "\${(Q)PREFIX}" 2> /dev/null < /dev/null
      )}")
      found=("\${(@)found:#}")
      (( $#found )) && _wanted names expl \${source#names:} compadd -a found
      ;;
    files) _files ;;
    directories) _files -/ ;;
    *) return 1 ;;
  esac
}

_credctl() {
  local at flag store unclear repeats source
  local -i count index
  local -a subcommands flags operands
  if ! __credctl_walk; then
    _files
    return
  fi
  __credctl_place "$at"
  if [[ -n $flag ]]; then
    __credctl_value "$at" "$flag"
    __credctl_offer
  elif [[ $PREFIX == --*=* ]]; then
    __credctl_value "$at" "\${PREFIX%%=*}" || return 1
    compset -P 1 '*='
    __credctl_offer
  elif [[ $PREFIX == -* ]]; then
    _describe -o -t options option flags
  elif (( $#subcommands )); then
    (( count == 0 )) && _describe -t commands command subcommands
  else
    index=$((count + 1))
    [[ -z $repeats ]] || (( index <= $#operands )) || index=$#operands
    source=\${operands[index]}
    if [[ -n $source ]]; then
      __credctl_offer
    else
      _describe -t flags flag flags
    fi
  fi
}

if [[ \${funcstack[1]} == _credctl ]]; then
  _credctl "$@"
elif (( \${+functions[compdef]} )); then
  compdef _credctl credctl
fi
`;
}
