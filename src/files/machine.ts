import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { crypto } from './crypto.js';

/** Files with the machine-id of systemd and D-Bus. */
const ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'] as const;

/**
 * Identifies this machine across reboots: an application-specific digest of the machine-id(5), which is
 * confidential; without one, as in many containers, the host name.
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
