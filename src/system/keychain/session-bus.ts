import { lstatSync } from 'node:fs';
import { effectiveUser } from '../../files/account.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment with the address of the user's session bus, where neither `DBUS_SESSION_BUS_ADDRESS` nor
 * `XDG_RUNTIME_DIR` leads to one, as in a job of cron. `/run/user/UID` is believed only as systemd makes it: a
 * directory of mode 0700 and a socket, both of this user.
 *
 * @param runtimeDirectories where the directories are that are named after uids
 */
export function withSessionBus(env: Environment, runtimeDirectories = '/run/user'): Environment {
  if (process.platform !== 'linux') return env;
  // An empty variable counts as none, by the XDG Base Directory Specification and by D-Bus.
  if (env['DBUS_SESSION_BUS_ADDRESS'] || env['XDG_RUNTIME_DIR']) return env;
  const user = effectiveUser();
  const directory = `${runtimeDirectories}/${user}`;
  const socket = `${directory}/bus`;
  return isPrivateDirectory(directory, user) && isSocketOf(socket, user)
    ? { ...env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}` }
    : env;
}

function isPrivateDirectory(path: string, user: number): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === user && (found.mode & 0o777) === 0o700;
}

/** Called for an entry of a directory that only this user can look into. */
function isSocketOf(path: string, user: number): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isSocket() === true && found.uid === user;
}
