import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isMountPoint, mountOf, parseMounts } from '../../src/files/mounts.js';
import { temporaryDirectory } from '../support/stores/stores.js';

const TABLE = `22 27 0:21 / /proc rw,relatime - proc proc rw
43 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard
61 43 0:39 / /mnt/my\\040disk\\134x rw,relatime - fuse.sshfs me@host:/a\\040b rw,user_id=0
62 43 0:40 /deep/inside /srv rw shared:7 - cifs //server/share rw
torn li`;

describe('the table of mounts', () => {
  it('is read whatever the number of optional fields, its escapes taken away', () => {
    expect(parseMounts(TABLE)).toEqual([
      { id: 22, point: '/proc', type: 'proc', source: 'proc' },
      { id: 43, point: '/', type: 'ext4', source: '/dev/vda' },
      { id: 61, point: '/mnt/my disk\\x', type: 'fuse.sshfs', source: 'me@host:/a b' },
      { id: 62, point: '/srv', type: 'cifs', source: '//server/share' },
    ]);
  });

  it('tells what a path is on', () => {
    expect(mountOf('/proc/self/mountinfo')).toMatchObject({ point: '/proc', type: 'proc' });
    expect(mountOf('/dev/shm')).toMatchObject({ point: '/dev/shm', type: 'tmpfs' });
    expect(mountOf('/')).toMatchObject({ point: '/' });
  });
});

describe('a mount point', () => {
  it('is told from a directory and a file on which nothing is mounted', () => {
    const directory = temporaryDirectory();
    onTestFinished(() => directory.dispose());
    const file = join(directory.path, 'file');
    writeFileSync(file, '');
    mkdirSync(join(directory.path, 'inside'));
    expect([file, join(directory.path, 'inside'), directory.path].map(isMountPoint)).toEqual([
      false,
      false,
      false,
    ]);
    expect(['/proc', '/dev/shm'].map(isMountPoint)).toEqual([true, true]);
  });

  it('is not what a link to another file system leads to, nor what is in it', () => {
    const directory = temporaryDirectory();
    onTestFinished(() => directory.dispose());
    const link = join(directory.path, 'link');
    symlinkSync('/proc', link);
    expect([isMountPoint(link), isMountPoint(join(link, 'version'))]).toEqual([false, false]);
    expect(mountOf(link)).toMatchObject({ type: 'proc' });
    expect(mountOf(join(link, 'version'))).toMatchObject({ type: 'proc' });
  });

  it.runIf(process.geteuid?.() === 0)('is a file with another one of the same file system over it', () => {
    const directory = temporaryDirectory();
    const [file, other] = [join(directory.path, 'a file'), join(directory.path, 'other')];
    writeFileSync(file, '');
    writeFileSync(other, '');
    execFileSync('mount', ['--bind', other, file]);
    onTestFinished(() => {
      execFileSync('umount', [file]);
      directory.dispose();
    });
    expect([isMountPoint(file), isMountPoint(other)]).toEqual([true, false]);
    expect(mountOf(file)).toMatchObject({ point: file });
  });
});
