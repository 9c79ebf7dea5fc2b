import type { CommandLine } from './places.js';
import { BACKQUOTE, script } from './script-text.js';
import { shTables } from './sh-tables.js';

/**
 * The completion script for bash 3.2 and later.
 *
 * What the shell would expand is never expanded here: words of the line and names from the store are data, compared
 * letter by letter and quoted before they are offered. `compgen -W` would expand them.
 */
export function bashScript(commandLine: CommandLine): string {
  return script`
# Completion of credctl's command line for bash. Made by: credctl completion bash

${shTables(commandLine, (word) => word.text)}
# The words up to the cursor, as typed. Bash also splits at ':', '=' and '@', which are letters like others to us.
__credctl_words() {
  local line=\${COMP_LINE:0:COMP_POINT} gap piece i
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    gap=\${line%%[![:space:]]*}
    line=\${line:\${#gap}}
    piece=\${COMP_WORDS[i]}
    [[ \${line:0:\${#piece}} == "$piece" ]] || piece=$line
    line=\${line:\${#piece}}
    if [[ -n $gap || $i -eq 0 ]]; then
      words[\${#words[@]}]=$piece
    else
      words[\${#words[@]} - 1]+=$piece
    fi
  done
}

# Sets 'plain' to the word $1 without its quotes, and 'open' to a quote that it leaves open. Expands nothing, and fails
# where only the shell could tell what the word will be.
__credctl_unquote() {
  local rest=$1 letter
  plain= open=
  while [[ -n $rest ]]; do
    letter=\${rest:0:1}
    rest=\${rest:1}
    if [[ $open == "'" ]]; then
      if [[ $letter == "'" ]]; then open=; else plain+=$letter; fi
    elif [[ $letter == \\ ]]; then
      [[ -z $open || \${rest:0:1} == [\\\"\$${BACKQUOTE}] ]] || plain+=$letter
      plain+=\${rest:0:1}
      rest=\${rest:1}
    elif [[ $letter == '"' ]]; then
      if [[ -n $open ]]; then open=; else open='"'; fi
    elif [[ $letter == "'" && -z $open ]]; then
      open="'"
    elif [[ $letter == [\$${BACKQUOTE}] ]]; then
      return 1
    else
      plain+=$letter
    fi
  done
}

# Walks over the words before the last: sets 'at' to the command they name, 'flag' to one that waits for its value,
# 'count' to the number of arguments, and 'store'. Fails after '--', where words are none of ours.
__credctl_walk() {
  local i
  at= flag= store= unclear= count=0
  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    __credctl_unquote "\${words[i]}" || {
      plain=\${words[i]}
      [[ $flag != --store && $plain != --store=* ]] || unclear=1
    }
    if [[ -n $flag ]]; then
      [[ $flag != --store ]] || store=$plain
      [[ $flag != --store || \${words[i]} != '~/'* ]] || store=$HOME/\${plain:2}
      flag=
    elif [[ $plain == -- ]]; then
      return 1
    elif [[ $plain == --*=* ]]; then
      [[ $plain != --store=* ]] || store=\${plain#*=}
    elif [[ $plain == -?* ]]; then
      ! __credctl_value "$at" "$plain" || flag=$plain
    else
      __credctl_place "$at"
      if [[ " \${subcommands[*]-} " == *" $plain "* ]]; then
        at=$at\${at:+ }$plain
      elif [[ $plain != help || -n $at ]]; then
        count=$((count + 1))
      fi
    fi
  done
}

# Sets 'source' to where the candidates for an argument come from; empty when there may be no more arguments.
__credctl_operand() {
  local index=$count
  [[ -z $repeats || $index -lt \${#operands[@]} ]] || index=$((\${#operands[@]} - 1))
  source=\${operands[index]-}
}

# Adds what 'source' stands for to 'found'; $1 is what was typed of it.
__credctl_find() {
  local line IFS=$' \t\n'
  case $source in
    values:*) read -r -a found <<< "\${source#values:}" ;;
    names:*)
      [[ -z $unclear ]] || return 0
      while IFS= read -r line; do
        [[ -z $line ]] || found[\${#found[@]}]=$line
      done <<< "$(
        [[ -z $store ]] || export CREDCTL_STORE="$store"
        command credctl completion --candidates "\${source#names:}" -- "$1" 2> /dev/null < /dev/null
      )"
      ;;
    files) __credctl_paths default ;;
    directories) __credctl_paths dirnames ;;
  esac
}

# Leaves it to bash to complete a path, with its own quoting.
__credctl_paths() {
  ! type compopt > /dev/null 2>&1 || compopt -o "$1"
}

# Offers of 'found' what begins with what was typed; $1 is written before each, $2 is what bash will replace. Within
# quotes only what means itself there can be offered.
__credctl_reply() {
  local typed=$plain kept='' candidate
  [[ \${words[\${#words[@]} - 1]} != *"$2" ]] || kept=\${words[\${#words[@]} - 1]%"$2"}
  __credctl_unquote "$kept"
  for candidate in \${found[@]+"\${found[@]}"}; do
    candidate=$1$candidate
    [[ \${candidate:0:\${#typed}} == "$typed" ]] || continue
    candidate=\${candidate:\${#plain}}
    case $open in
      "'") [[ $candidate != *"'"* ]] || continue ;;
      '"') [[ $candidate != *[\\\"\$${BACKQUOTE}!]* ]] || continue ;;
      *) [[ -z $candidate ]] || printf -v candidate %q "$candidate" ;;
    esac
    COMPREPLY[\${#COMPREPLY[@]}]=$candidate
  done
}

_credctl() {
  local words plain open at flag store unclear count before='' found
  local subcommands flags operands repeats source IFS=$' \t\n'
  COMPREPLY=() found=()
  __credctl_words
  if [[ \${#words[@]} -lt 2 || \${words[\${#words[@]} - 2]} == *[\<\>] ]] || ! __credctl_walk; then
    __credctl_paths default
    return 0
  fi
  __credctl_unquote "\${words[\${#words[@]} - 1]}" || return 0
  __credctl_place "$at"
  if [[ -n $flag ]]; then
    __credctl_value "$at" "$flag"
    __credctl_find "$plain"
  elif [[ $plain == --*=* ]]; then
    before=\${plain%%=*}=
    ! __credctl_value "$at" "\${plain%%=*}" || __credctl_find "\${plain#*=}"
  elif [[ $plain == -* ]]; then
    found=(\${flags[@]+"\${flags[@]}"})
  elif [[ \${#subcommands[@]} -gt 0 ]]; then
    [[ $count -gt 0 ]] || found=("\${subcommands[@]}")
  else
    __credctl_operand
    if [[ -n $source ]]; then
      __credctl_find "$plain"
    else
      found=(\${flags[@]+"\${flags[@]}"})
    fi
  fi
  __credctl_reply "$before" "$2"
}

if type compopt > /dev/null 2>&1; then
  complete -F _credctl credctl
else
  complete -o default -F _credctl credctl
fi
`;
}
