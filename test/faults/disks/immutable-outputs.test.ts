import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mustSucceed } from '../../support/faults/interrupted-delivery.js';
import { mountPrivately, type PrivateMount } from '../../support/faults/private-mount.js';
import { PROGRAM, runIn } from '../../support/program/real-program.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';

const KEY = ['--type', 'api-key', '--scope', 'data:users'];

let place: Workplace;
let disk: PrivateMount;

const credctl = (...argv: readonly string[]) =>
  runIn(place, disk.inside([process.execPath, PROGRAM, ...argv]));

const trail = async () => mustSucceed(await credctl('audit', 'export')).stdout;

/** Older kernels keep these attributes on disks alone. */
const MOUNT = `mount -t tmpfs -o size=4m,mode=700 tmpfs "$1"; touch "$1/probe"
  if chattr +a "$1/probe" 2> /dev/null; then chattr -a "$1/probe"; else
    umount "$1"; truncate -s 8M "$1.img"; mkfs.ext4 -q -F "$1.img"; mount -o loop "$1.img" "$1"; rm -r "$1.img" "$1/lost+found"
  fi; rm -f "$1/probe"`;

// These attributes need CAP_LINUX_IMMUTABLE, which root has.
describe.skipIf(process.geteuid?.() !== 0)('an output whose place is kept from changing', () => {
  beforeEach(async () => {
    place = makeWorkplace();
    disk = await mountPrivately(MOUNT);
    disk.sh('mkdir "$1/keys"; echo earlier > "$1/keys/app"');
    mustSucceed(await credctl('store', 'init', '--hash', 'sha256'));
    mustSucceed(await credctl('create', 'app', ...KEY, '--output', join(disk.directory, 'first')));
  });

  afterEach(() => {
    disk.sh('chattr -R -i -a "$1"');
    disk.remove();
    place.remove();
  });

  it.each([
    ['immutable, the file', '+i', 'keys/app'],
    ['append-only, the file', '+a', 'keys/app'],
    ['immutable, the directory', '+i', 'keys'],
    ['append-only, the directory', '+a', 'keys'],
  ])('%s, is found before anything is issued, and nothing is left there', async (_, attribute, held) => {
    disk.sh(`chattr ${attribute} "$1/${held}"`);
    const before = await trail();
    const output = join(disk.directory, 'keys/app');
    const attempts = [
      ['create', 'new', ...KEY, '--output', output, '--force'],
      ['rotate', 'app', '--output', output, '--force'],
      ...(held === 'keys'
        ? [['create', 'newer', ...KEY, '--output', join(disk.directory, 'keys/newer')]]
        : []),
    ];
    for (const argv of attempts) {
      const { exitCode, stdout, stderr } = await credctl(...argv);
      expect([exitCode, stdout], stderr).toEqual([6, '']);
      const path = join(disk.directory, held);
      expect(stderr).toBe(
        `credctl: "${path}" is immutable or append-only\nhint: nothing was changed; run: chattr -i -a ${path}, or name another file\n`,
      );
    }
    expect(await trail()).toBe(before);
    expect(readdirSync(join(disk.view, 'keys'))).toEqual(['app']);
    expect(readFileSync(join(disk.view, 'keys/app'), 'utf8')).toBe('earlier\n');
    disk.sh(`chattr -i -a "$1/${held}"`);
    for (const argv of attempts) mustSucceed(await credctl(...argv));
  });

  it('is told from one whose mode is wrong where it is the store', async () => {
    disk.sh('mkdir -m 700 "$1/store"');
    const store = join(disk.directory, 'store/credctl.db');
    mustSucceed(await credctl('store', 'init', '--hash', 'sha256', '--store', store));
    disk.sh('chattr +i "$1/store/credctl.db"');
    const { exitCode, stderr } = await credctl(
      'create',
      'app',
      ...KEY,
      '--store',
      store,
      '--output',
      'out/key',
    );
    expect([exitCode, stderr]).toEqual([
      8,
      `credctl: ${store} is immutable\nhint: run: chattr -i ${store}\n`,
    ]);
  });
});
