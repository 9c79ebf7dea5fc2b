import { statfsSync } from 'node:fs';
import { lookAt } from './identity.js';
import { type Mount, mountOf } from './mounts.js';

/** Magic numbers (statfs(2)) of file systems that several machines can mount at the same time. */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x564c, 'NCP'],
  [0x01021997, '9P'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x19830326, 'BeeGFS'],
  [0x20030528, 'OrangeFS'],
  [0xaad7aaea, 'PanFS'],
  [0xbeefdead, 'StorNext'],
  [0x47504653, 'GPFS'],
  [0x7461636f, 'OCFS2'],
  [0x01161970, 'GFS2'],
  [0x61636673, 'ACFS'],
  [0x6a656a63, 'virtiofs'],
  [0x786f4256, 'vboxsf'],
  [0xbacbacbc, 'vmhgfs'],
  [0x7c7c6673, 'prl_fs'],
]);

/** Magic numbers of local disk or memory file systems, whose mount need not be looked up. */
const LOCAL: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xca451a4e, // bcachefs
  0xf2f52010, // F2FS
  0x01021994, // tmpfs
  0x858458f6, // ramfs
  0x794c7630, // overlayfs
]);

/** Mount types, and subtypes of FUSE, whose magic number is the same for all of them. */
const NETWORK_TYPES: ReadonlySet<string> = new Set(
  `9p acfs afs beegfs ceph cifs coda fhgfs gfs gfs2 glusterfs gpfs lustre ncpfs nfs nfs4 ocfs2 orangefs panfs prl_fs
   pvfs2 smb2 smb3 smbfs snfs vboxsf virtiofs vmhgfs wekafs
   afpfs amazon-efs blobfuse blobfuse2 ceph-fuse curlftpfs cvmfs2 davfs davfs2 fakeowner gcsfuse geesefs goofys
   google-drive-ocamlfuse grpcfuse gvfsd-fuse hadoop-fuse-dfs fuse_dfs jmtpfs juicefs kio-fuse lizardfs mfs
   mount-s3 mountpoint-s3 moosefs nfs-fuse objectivefs onedriver osxfs rclone s3fs s3ql saunafs seaweedfs
   simple-mtpfs smbnetfs sshfs vmhgfs-fuse weed yas3fs`.split(/\s+/),
);

/** A remote source, as NFS, SSH and SMB write it, or a URL. */
const REMOTE_SOURCE = /^(?:[^/\s]*:(?:\/|$)|\/\/[^/]|\\\\|[a-z][a-z0-9+.-]*:\/\/)/i;

/**
 * The network or cluster file system of a path, where it is known. A FUSE mount of a local directory (encryption,
 * an overlay) counts as that directory.
 *
 * @param path must exist
 * @returns its name, or null for a local one
 */
export function networkFileSystem(path: string): string | null {
  const magic = magicOf(path);
  const known = NETWORK.get(magic);
  if (known !== undefined || LOCAL.has(magic)) return known ?? null;
  const mount = mountOf(path);
  if (mount === null) return null;
  const name = networkMount(mount);
  if (name !== null || !isDirectory(mount.source)) return name;
  const below = NETWORK.get(magicOf(mount.source));
  const under = mountOf(mount.source);
  return below ?? (under === null ? null : networkMount(under));
}

/** The network file system of a mount: by its type, or, for FUSE, whose subtype can be any name, by its source. */
export function networkMount({ type, source }: Pick<Mount, 'type' | 'source'>): string | null {
  const [kind = '', ...rest] = type.split('.');
  const isFuse = kind === 'fuse' || kind === 'fuseblk';
  const name = isFuse && rest.length > 0 ? rest.join('.') : kind;
  if (NETWORK_TYPES.has(name)) return name;
  return isFuse && REMOTE_SOURCE.test(source) ? name : null;
}

/** 0 where the system does not tell. */
function magicOf(path: string): number {
  try {
    return statfsSync(path).type >>> 0;
  } catch {
    return 0;
  }
}

function isDirectory(path: string): boolean {
  if (!path.startsWith('/')) return false;
  return lookAt(path)?.isDirectory() === true;
}
