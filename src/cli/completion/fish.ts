import type { CommandLine, Place, Word } from './places.js';
import { quotedForFish, script } from './script-text.js';
import { encoded } from './sources.js';

/**
 * The completion script for fish 3.0 and later. Names from the store are lines that a function prints, which fish takes
 * literally and quotes when it inserts them.
 */
export function fishScript(commandLine: CommandLine): string {
  const { places } = commandLine;
  return script`
# Completion of credctl's command line for fish. Made by: credctl completion fish

${table(
  '__credctl_subcommands',
  places.map((place) => [place.at, place.commands.map(described)]),
)}
${table(
  '__credctl_flags',
  places.map((place) => [place.at, place.flags.map(described)]),
)}
${table('__credctl_operands', places.map(operandsOf))}
${valueTable(commandLine)}
# Walks over the words before the cursor: sets 'at' to the command they name, 'flag' to one that waits for its value,
# 'count' to the number of arguments, and 'store'. Fails after '--', where words are none of ours.
function __credctl_walk --no-scope-shadowing
    set -l words (commandline -opc)
    while string match -qr '^\w+=' -- "$words[1]"
        set -e words[1]
    end
    for word in $words[2..-1]
        if test -n "$flag"
            test "$flag" = --store; and set store (string replace -r '^~/' "$HOME/" -- $word)
            set flag ''
        else if test "$word" = --
            return 1
        else if string match -q -- '--*=*' $word
            string match -q -- '--store=*' $word; and set store (string replace -r '^[^=]*=' '' -- $word)
        else if string match -q -- '-?*' $word
            __credctl_value "$at" $word >/dev/null; and set flag $word
        else if contains -- "$word" (__credctl_subcommands "$at" | string replace -r '\t.*' '')
            set at (string trim -- "$at $word")
        else if test "$word" != help -o -n "$at"
            set count (math $count + 1)
        end
    end
    return 0
end

# Prints where the candidates for the word at the cursor come from, then what stands before them.
function __credctl_source
    set -l at ''
    set -l flag ''
    set -l store ''
    set -l count 0
    set -l typed (commandline -ct)
    if not __credctl_walk
        printf '%s\n' files
    else if test -n "$flag"
        __credctl_value "$at" $flag
        printf '%s\n' '' "$store"
    else if string match -qr -- '^--[^=]*=' $typed
        set -l name (string replace -r '=.*' '' -- $typed)
        if __credctl_value "$at" $name
            printf '%s\n' "$name=" "$store"
        end
    else if string match -q -- '-*' $typed
        printf '%s\n' flags "$at"
    else if test -n "$(__credctl_subcommands "$at")"
        test $count -eq 0; and printf '%s\n' subcommands "$at"
    else
        set -l operands (__credctl_operands "$at")
        if test "$operands[-1]" = repeats
            set -e operands[-1]
            test $count -ge (count $operands); and set count (math (count $operands) - 1)
        end
        if test $count -lt (count $operands)
            printf '%s\n' $operands[(math $count + 1)] '' "$store"
        else
            printf '%s\n' flags "$at"
        end
    end
end

function __credctl_wants_files
    set -l source (__credctl_source)
    contains -- "$source[1]" files directories
end

function __credctl_complete
    set -l source (__credctl_source)
    switch "$source[1]"
        case flags
            __credctl_flags "$source[2]"
        case subcommands
            __credctl_subcommands "$source[2]"
        case 'values:*'
            for value in (string replace 'values:' '' -- $source[1] | string split ' ')
                printf '%s%s\n' "$source[2]" $value
            end
        case 'names:*'
            __credctl_names (string replace 'names:' '' -- $source[1]) "$source[2]" "$source[3]"
    end
end

# Prints names from the store, each with $before before it. Where only the shell could tell which store, there are none.
function __credctl_names --argument-names kind before store
    string match -qr '[$()]' -- "$store"; and return
    test -n "$store"; and set -lx CREDCTL_STORE $store
    set -l typed (commandline -ct | string replace -r '^--[^=]*=' '')
    string match -qr '[\\\\\'"$()~*?{}]' -- "$typed"; and set typed ''
    for name in (command credctl completion --candidates $kind -- "$typed" 2>/dev/null </dev/null)
        printf '%s%s\n' "$before" $name
    end
end

complete -c credctl -n 'not __credctl_wants_files' -f -a '(__credctl_complete)'
complete -c credctl -n __credctl_wants_files -F
`;
}

type Row = readonly [at: string, lines: readonly string[]];

/** A function that prints the lines of one place. */
function table(name: string, rows: readonly Row[]): string {
  const cases = rows
    .filter(([, lines]) => lines.length > 0)
    .map(
      ([at, lines]) =>
        `        case ${quotedForFish(at)}\n            printf '%s\\n' ${lines.map(quotedForFish).join(' ')}`,
    );
  return `function ${name}\n    switch "$argv[1]"\n${cases.join('\n')}\n    end\nend\n`;
}

function valueTable({ valuedFlags }: CommandLine): string {
  const cases = valuedFlags.map(({ names, at, source }) => {
    const patterns = names.map((name) => quotedForFish(`${at ?? '*'}:${name}`));
    return `        case ${patterns.join(' ')}\n            printf '%s\\n' ${quotedForFish(encoded(source))}`;
  });
  return `function __credctl_value
    switch "$argv[1]:$argv[2]"
${cases.join('\n')}
        case '*'
            return 1
    end
end
`;
}

function described(word: Word): string {
  return `${word.text}\t${word.meaning}`;
}

function operandsOf(place: Place): Row {
  return [place.at, [...place.operands.map(encoded), ...(place.repeats ? ['repeats'] : [])]];
}
