import { mountPrivately, type PrivateMount } from './private-mount.js';

/** NTFS. Where nothing is said, as with these options, everything belongs to root, and everybody may do everything. */
export function ntfsMount(options = 'umask=0'): Promise<PrivateMount> {
  return mountPrivately(`truncate -s 8M "$1.img"
    mkntfs -F -Q -q "$1.img" > /dev/null 2>&1
    ntfs-3g -o ${options} "$1.img" "$1" && rm "$1.img"`);
}

/** A directory of this machine over SFTP, without a network. */
export function sshfsMount(): Promise<PrivateMount> {
  return mountPrivately(`mkdir -m 700 "$1.remote" && mkfifo "$1.pipe"
    { /usr/lib/openssh/sftp-server < "$1.pipe" | sshfs -f -o passive ":$1.remote" "$1" > "$1.pipe"
      rm -r "$1.remote" "$1.pipe"; } > /dev/null &
    until mountpoint -q "$1"; do sleep 0.05; done`);
}

/** A file of another directory mounted at the name of a file, as a container has it. */
export function fileMount(name: string): Promise<PrivateMount> {
  return mountPrivately(`mount -t tmpfs -o size=512k,mode=700 tmpfs "$1"
    mkdir "$1/elsewhere"; echo mine > "$1/elsewhere/file"; echo > "$1/${name}"
    mount --bind "$1/elsewhere/file" "$1/${name}"`);
}

/** FAT through FUSE, where a shared mmap(2) fails. */
export function fusefatMount(): Promise<PrivateMount> {
  return mountPrivately(`truncate -s 8M "$1.img"; mkfs.vfat "$1.img" > /dev/null
    fusefat -o rw+ "$1.img" "$1" > /dev/null && rm "$1.img"`);
}
