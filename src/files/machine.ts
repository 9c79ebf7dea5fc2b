import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { crypto } from './crypto.js';

/** Where systemd and D-Bus keep what tells one installation from every other. */
const ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'] as const;

/**
 * Tells this machine from others, also after a reboot: its machine-id(5), as a digest of its own since the id itself
 * is not for others to know; where there is none, as in many containers, the host's name.
 */
export function machineId(): string {
  for (const path of ID_FILES) {
    const id = contentOf(path);
    if (/^[0-9a-f]{32}$/.test(id)) return digest(`credctl ${id}`);
  }
  return hostname();
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function digest(text: string): string {
  return crypto().createHash('sha256').update(text).digest('hex').slice(0, 32);
}
