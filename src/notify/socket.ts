import {closeSync, writeSync} from 'node:fs';

/** From Linux's headers; they are the same on x64 and arm64. */
const AF_UNIX = 1;
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
/** sun_path of unix(7), its closing zero byte included. */
const PATH_BYTES_MAX = 108;

/**
 * A function that sends datagrams to a Unix socket (where its path begins with @, in the abstract namespace). Node has no
 * such sockets, but it can call libc, and then a message comes from this very process, which is the only one that systemd
 * need listen to (NotifyAccess=main). Both throw: the first where this Node cannot call libc, the second where nobody
 * listens or can take a message now. It never waits.
 */
export function openDatagrams(path: string): (message: string) => void {
  const ffi = process.getBuiltinModule('node:ffi');
  if (!ffi) throw new Error('this Node has no node:ffi');
  const {functions} = ffi.dlopen('libc.so.6', {
    socket: {arguments: ['i32', 'i32', 'i32'], return: 'i32'},
    connect: {arguments: ['i32', 'buffer', 'u32'], return: 'i32'},
  });
  const address = addressOf(path);
  return (message) => {
    // A new one each time: systemd may have been replaced since.
    const fd = functions.socket(AF_UNIX, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
    if (fd < 0) throw new Error('there is no further socket to be had');
    try {
      if (functions.connect(fd, address, address.length) !== 0) throw new Error(`nobody listens at ${path}`);
      writeSync(fd, message);
    } finally {
      closeSync(fd);
    }
  };
}

/** A path ends at its zero byte; an abstract name begins with one, and is as long as it is said to be. */
function addressOf(path: string): Buffer {
  const name = Buffer.from(path.startsWith('@') ? path.replace('@', '\0') : `${path}\0`);
  if (name.length > PATH_BYTES_MAX) throw new Error(`${path} is too long for the address of a socket`);
  const family = Buffer.alloc(2);
  // The machine's own byte order, which is little-endian on both processors that Node's packages are for.
  family.writeUInt16LE(AF_UNIX);
  return Buffer.concat([family, name]);
}
