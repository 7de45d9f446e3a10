import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';

const FILES = ['400Regular/NotoSans_400Regular.ttf', '600SemiBold/NotoSans_600SemiBold.ttf'];

/** The code points that both weights of the bundled font have a glyph for: by their `cmap` in format 12 or 4 (OpenType 1.9). */
export function glyphsOfFont(): (code: number) => boolean {
  const require = createRequire(import.meta.url);
  const maps = FILES.map((file) => readCmap(readFileSync(require.resolve(`@expo-google-fonts/noto-sans/${file}`))));
  return (code) => maps.every((map) => map.has(code));
}

function readCmap(font: Buffer): Set<number> {
  const tables = font.readUInt16BE(4);
  const at = Array.from({length: tables}, (_, index) => 12 + index * 16).find(
    (record) => font.toString('latin1', record, record + 4) === 'cmap',
  );
  if (at === undefined) throw new Error('the font has no cmap');
  const cmap = font.subarray(font.readUInt32BE(at + 8));
  const count = cmap.readUInt16BE(2);
  const known = new Set<number>();
  for (let index = 0; index < count; index++) {
    const table = cmap.subarray(cmap.readUInt32BE(4 + index * 8 + 4));
    if (table.readUInt16BE(0) === 4) readSegments(table, known);
    if (table.readUInt16BE(0) === 12) readGroups(table, known);
  }
  return known;
}

function readGroups(table: Buffer, known: Set<number>): void {
  for (let index = 0; index < table.readUInt32BE(12); index++) {
    const group = 16 + index * 12;
    for (let code = table.readUInt32BE(group); code <= table.readUInt32BE(group + 4); code++) known.add(code);
  }
}

function readSegments(table: Buffer, known: Set<number>): void {
  const twice = table.readUInt16BE(6);
  for (let at = 0; at < twice; at += 2) {
    const [end, start] = [table.readUInt16BE(14 + at), table.readUInt16BE(16 + twice + at)];
    for (let code = start; code <= end && code < 0xffff; code++) known.add(code);
  }
}
