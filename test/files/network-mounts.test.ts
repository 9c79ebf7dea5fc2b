import { describe, expect, it } from 'vitest';
import { networkFileSystem, networkMount } from '../../src/files/network-mounts.js';

describe('a mount', () => {
  it.each([
    ['nfs4', 'server:/export'],
    ['cifs', '//server/share'],
    ['9p', 'C:\\'],
    ['virtiofs', 'tag'],
    ['vboxsf', 'shared'],
    ['ocfs2', '/dev/sdb1'],
    ['gpfs', 'gpfs0'],
    ['fuse.sshfs', 'me@host:/dir'],
    ['fuse.sshfs', ':/dir'],
    ['fuse.rclone', 'remote:path'],
    ['fuse.glusterfs', 'server:/volume'],
    ['fuse.s3fs', 's3fs'],
    ['fuse.ceph-fuse', 'ceph-fuse'],
    ['fuse.juicefs', 'JuiceFS:mine'],
    ['fuse.vmhgfs-fuse', 'vmhgfs-fuse'],
    ['fuse', 'https://dav.example.org/files'],
    ['fuse.somebodys', 'host:/dir'],
    ['fuse.somebodys', 'host:'],
  ])('of type %s, of %s, is one of a network', (type, source) => {
    expect(networkMount({ type, source })).not.toBeNull();
  });

  it.each([
    ['ext4', '/dev/vda1'],
    ['overlay', 'overlay'],
    ['btrfs', '/dev/mapper/disk'],
    ['zfs', 'tank/home'],
    ['ntfs3', '/dev/sdb1'],
    ['fuseblk', '/dev/sdb1'],
    ['fuse', '/home/me/disk.img'],
    ['fuse.gocryptfs', '/home/me/cipher'],
    ['fuse.bindfs', '/srv/data'],
    ['fuse.fuse-overlayfs', 'fuse-overlayfs'],
    ['fuse.mergerfs', 'a:b'],
    ['fuse.encfs', 'encfs'],
  ])('of type %s, of %s, is a local one', (type, source) => {
    expect(networkMount({ type, source })).toBeNull();
  });
});

describe('what this machine has of its own', () => {
  it.each(['/', '/tmp', '/dev/shm', '/proc', import.meta.dirname])('is on no network: %s', (path) => {
    expect(networkFileSystem(path)).toBeNull();
  });
});
