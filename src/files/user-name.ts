import { readFileSync } from 'node:fs';

/**
 * A uid as an argument of `sudo -u`: the name in /etc/passwd, or `#UID` where it is not listed (NIS, LDAP,
 * containers).
 */
export function userName(uid: number): string {
  for (const line of passwd().split('\n')) {
    const [name, , id] = line.split(':');
    if (name !== undefined && id === String(uid) && /^[a-z_][\w.-]*\$?$/i.test(name)) return name;
  }
  return `#${uid}`;
}

function passwd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8');
  } catch {
    return '';
  }
}
