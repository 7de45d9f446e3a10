import assert from 'node:assert/strict';
import {inflateSync} from 'node:zlib';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** The colour of a pixel as 0xRRGGBB. */
  readonly at: (x: number, y: number) => number;
  /** How many colours there are within a rectangle. */
  readonly colours: (x: number, y: number, width: number, height: number) => number;
}

/** Decodes a PNG with a palette of eight bits and without filters; fails on any other. */
export function decode(png: Buffer): Picture {
  assert.equal(png.toString('latin1', 1, 4), 'PNG');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const [header, palette, data] = ['IHDR', 'PLTE', 'IDAT'].map((name) => chunks.get(name) ?? Buffer.alloc(0));
  assert.ok(header && palette && data && chunks.has('IEND'));
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  assert.deepEqual([...header.subarray(8)], [8, 3, 0, 0, 0]);
  const lines = inflateSync(data);
  assert.equal(lines.length, height * (width + 1));
  const at = (x: number, y: number) => palette.readUIntBE((lines[y * (width + 1) + 1 + x] ?? 0) * 3, 3);
  const colours = (left: number, top: number, wide: number, tall: number) => {
    const found = new Set<number>();
    for (let y = top; y < top + tall; y++) for (let x = left; x < left + wide; x++) found.add(at(x, y));
    return found.size;
  };
  return {width, height, at, colours};
}
