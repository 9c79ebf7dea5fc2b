import { chmod, chown, mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mountPrivately } from '../../support/faults/private-mount.js';
import { openSession, type Session } from '../../support/program/run.js';

const isRoot = process.geteuid?.() === 0;

/** An account of its own for the store, and a person who may become it. */
const SVC = 45_001;
const ALICE = 45_002;

/** A copy of /etc for commands in a namespace, in which Alice may become the account by sudo and by doas. */
const OWN_ETC = `mount -t tmpfs -o mode=755 tmpfs "$1"
cp -a /etc/. "$1"
for entry in svc:*:${SVC}:${SVC} alice:*:${ALICE}:${ALICE}; do echo "$entry::/nonexistent:/bin/sh" >> "$1/passwd"; done
for name in svc alice; do echo "$name:*:20000:0:99999:7:::" >> "$1/shadow"; done
echo 'alice ALL=(ALL) NOPASSWD: ALL' > "$1/sudoers.d/alice"
printf 'permit nopass alice\npermit nopass svc\n' > "$1/doas.conf"
chmod 440 "$1/sudoers.d/alice" "$1/doas.conf"
mount --bind "$1" /etc`;

async function openTeamSession(): Promise<Session> {
  const session = await openSession();
  const { root, directory } = session.workspace;
  for (const path of [root, directory]) await chmod(path, 0o755);
  const store = session.workspace.path('store');
  await mkdir(store, { mode: 0o700 });
  await chown(store, SVC, SVC);
  return session;
}

describe('the audit trail names', () => {
  it.runIf(isRoot)(
    'the person behind sudo and doas, and always the account that made the change',
    async () => {
      const session = await openTeamSession();
      const { root } = session.workspace;
      const credctl = `env HOME=/nonexistent CREDCTL_STORE=${session.workspace.path('store/team.db')} ${root}/bin/credctl`;
      const mount = await mountPrivately(OWN_ETC);
      onTestFinished(() => mount.remove());
      const asAlice = mount.inside(['setpriv', `--reuid=${ALICE}`, `--regid=${ALICE}`, '--clear-groups']);
      const inTeam = (command: string) => session.sh(`exec ${asAlice.join(' ')} ${command}`);
      const create = (name: string) => `${credctl} create ${name} --type api-key --scope data:users -q`;
      for (const command of [
        `sudo -n -u svc ${create('by-sudo')}`,
        `doas -n -u svc ${create('by-doas')}`,
        `sudo -n -u svc doas -n -u svc ${create('by-both')}`,
        `sudo -n -- sh -c 'exec setpriv --reuid=${SVC} --regid=${SVC} --clear-groups ${create('by-root')}'`,
        `sudo -n -u svc env -u SUDO_USER ${create('by-account')}`,
      ]) {
        const { exitCode, stderr } = await inTeam(command);
        expect(exitCode, `${command}: ${stderr}`).toBe(0);
      }
      const { stdout } = await inTeam(`sudo -n -u svc ${credctl} audit --action credential.create`);
      const actors = Object.fromEntries(
        stdout
          .split('\n')
          .slice(1, -1)
          .map((line) => [line.split('\t')[4], line.split('\t')[2]]),
      );
      const person = `alice (as svc)@${hostname()}`;
      expect(actors).toEqual({
        'by-sudo': person,
        'by-doas': person,
        'by-both': `svc@${hostname()}`,
        'by-root': person,
        'by-account': `svc@${hostname()}`,
      });
    },
  );
});
