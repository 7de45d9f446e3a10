import {constants, crc32, deflateSync} from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOURS_MAX = 256;
/** So many bits of each channel are told apart: all of them where the picture has few colours, else fewer. */
const PRECISIONS = [8, 6, 5, 4, 3, 2] as const;

/**
 * A PNG with a palette, of RGBA pixels without transparency. A chart has few colours, and the shades at the edges of its letters
 * may be merged: it becomes a third of what a PNG in full colour is, and waits as such in the outbox.
 */
export function encodePng(pixels: Uint8Array, width: number, height: number): Buffer {
  const {colours, indexes} = indexed(pixels);
  const lines = Buffer.alloc(height * (width + 1));
  // Each line begins with its filter: none, as indexes are no amounts.
  for (let y = 0; y < height; y++) lines.set(indexes.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits, palette.
  header.set([8, 3], 8);
  const data = deflateSync(lines, {level: constants.Z_BEST_COMPRESSION});
  const chunks = [chunk('IHDR', header), chunk('PLTE', Buffer.from(colours)), chunk('IDAT', data)];
  return Buffer.concat([SIGNATURE, ...chunks, chunk('IEND', Buffer.alloc(0))]);
}

function indexed(pixels: Uint8Array): {readonly colours: readonly number[]; readonly indexes: Uint8Array} {
  for (const bits of PRECISIONS) {
    const found = tryIndexed(pixels, bits);
    if (found) return found;
  }
  throw new Error('two bits of three channels are 64 colours at most');
}

/** Undefined when there are too many colours, told apart by so many bits. Of those that are merged the first stands for all. */
function tryIndexed(pixels: Uint8Array, bits: number) {
  const mask = (0xff << (8 - bits)) & 0xff;
  const known = new Map<number, number>();
  const colours: number[] = [];
  const indexes = new Uint8Array(pixels.length / 4);
  let lastKey = -1;
  let last = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    const red = pixels[at] ?? 0;
    const green = pixels[at + 1] ?? 0;
    const blue = pixels[at + 2] ?? 0;
    const key = ((red & mask) << 16) | ((green & mask) << 8) | (blue & mask);
    if (key !== lastKey) {
      const index = known.get(key) ?? known.size;
      if (index === COLOURS_MAX) return undefined;
      if (index === known.size) {
        known.set(key, index);
        colours.push(red, green, blue);
      }
      lastKey = key;
      last = index;
    }
    indexes[at / 4] = last;
  }
  return {colours, indexes};
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const result = Buffer.alloc(body.length + 8);
  result.writeUInt32BE(data.length, 0);
  result.set(body, 4);
  result.writeUInt32BE(crc32(body), body.length + 4);
  return result;
}
