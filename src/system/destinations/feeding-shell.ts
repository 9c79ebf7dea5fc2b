/** Grace between SIGTERM and SIGKILL of a process group, in milliseconds. */
export const PATIENCE_MS = 3_000;

/**
 * A shell script that feeds the command through a real pipe: Node.js gives a child a socket as standard input,
 * which cannot be opened as /dev/stdin. The shell reads the whole secret first, so that the command gets all of
 * it or is not started, even if this process is killed. For that it uses builtins only: no program from PATH,
 * no secret in arguments or exported variables; tracing is off, whatever SHELLOPTS says. The command is passed
 * as arguments and never interpreted. Descriptor 3 takes the report, since any exit status may be the command's
 * own. A signal before the command has started ends the shell; a later one is left to the command, which the
 * shell waits for. When the socket closes, this process was killed, and the process group is terminated: a
 * command that went on could overwrite the secret of a later rotation.
 */
export const FEEDING_SHELL = `exec 5>&2 4<&0 2> /dev/null
set +ax
trap 'exit 125' HUP INT QUIT TERM
unset credctl_input
[ "$(command -v printf)" = printf ] || { echo unfit >&3; exit 125; }
IFS= read -r credctl_input || exit 125
trap : HUP INT QUIT TERM
(trap '' HUP INT QUIT TERM; read -r _; kill -TERM 0; kill -CONT 0; sleep ${PATIENCE_MS / 1_000}; kill -KILL 0) <&4 > /dev/null 3>&- 4<&- 5>&- &
echo begun >&3
exec 3>&-
command printf %s "$credctl_input" | exec "$@" 2>&5 4<&- 5>&-
credctl_input=$?
kill -KILL "$!"
exit "$credctl_input"`;

/** The parsed report of the shell. */
export interface ShellReport {
  /** Whether the command may have been started. */
  readonly hasBegun: boolean;
  /** Whether the shell lacks a required builtin. */
  readonly isUnfit: boolean;
}

/** Parses the report of {@link FEEDING_SHELL}. */
export function parseReport(text: string): ShellReport {
  return { hasBegun: text.startsWith('begun'), isUnfit: text.startsWith('unfit') };
}
