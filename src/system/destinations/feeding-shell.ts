/** Time between asking a process group to end and ending it, in milliseconds. */
export const PATIENCE_MS = 3_000;

/**
 * Gives the command a real pipe: what Node offers as a child's standard input is a socket, which cannot be opened
 * as /dev/stdin. The shell takes the secret in first, so that the command starts with all of it or not at all, even if
 * we are killed meanwhile; it uses no program of the PATH for that, none that would see the secret as an argument, and
 * no variable that is exported, and it traces nothing, whatever SHELLOPTS says. It sees the command as its arguments, so
 * nothing in it is interpreted. Descriptor 3 takes its report, since any exit status can be the command's own. A signal
 * before the command has begun ends the shell; one after that is the command's business: the shell waits for what
 * becomes of it, and says nothing of it. When the socket is closed we have been killed, and the group is ended: a
 * command that went on could put this secret in the place of one that a later rotation has delivered.
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

/** What the shell has reported before it ended. */
export interface ShellReport {
  /** Whether the command may have been started. */
  readonly hasBegun: boolean;
  /** Whether the shell lacks what it needs to hand the text over. */
  readonly isUnfit: boolean;
}

/** Reads the report of {@link FEEDING_SHELL}. */
export function parseReport(text: string): ShellReport {
  return { hasBegun: text.startsWith('begun'), isUnfit: text.startsWith('unfit') };
}
