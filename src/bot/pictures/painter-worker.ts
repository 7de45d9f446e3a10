import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {parentPort} from 'node:worker_threads';
import {Resvg, type ResvgRenderOptions} from '@resvg/resvg-js';
import {encodePng} from './png.ts';

export interface ToPainter {
  readonly id: number;
  readonly svg: string;
}

export type FromPainter = {readonly id: number} & ({readonly png: Uint8Array} | {readonly failed: string});

/** The fonts come as TTF: of woff2, resvg would silently render no text. */
const folder = dirname(createRequire(import.meta.url).resolve('@expo-google-fonts/noto-sans/package.json'));
const fontFiles = ['400Regular/NotoSans_400Regular.ttf', '600SemiBold/NotoSans_600SemiBold.ttf'].map((file) =>
  join(folder, file),
);
const options: ResvgRenderOptions = {
  font: {loadSystemFonts: false, fontFiles, defaultFontFamily: 'Noto Sans', sansSerifFamily: 'Noto Sans'},
};

parentPort?.on('message', ({id, svg}: ToPainter) => {
  parentPort?.postMessage(answer(id, svg));
});

function answer(id: number, svg: string): FromPainter {
  try {
    const {pixels, width, height} = new Resvg(svg, options).render();
    return {id, png: encodePng(pixels, width, height)};
  } catch (error) {
    return {id, failed: error instanceof Error ? error.message : String(error)};
  }
}
