import {mkdirSync} from 'node:fs';
import {dirname} from 'node:path';
import {parentPort, workerData} from 'node:worker_threads';
import {type Archive, createArchive, type Query} from './archive.ts';
import type {Columns} from './columns.ts';
import {setAside} from './damage.ts';
import {inodeOf, openFile} from './file.ts';
import {HISTORY} from './migrations.ts';
import {sicknessOf} from './sickness.ts';
import type {Beginning, HistoryRow, Rollup, Slot, SlotsQuery} from './store.ts';

export type Question =
  | {readonly table: 'raw' | 'rollups'; readonly query: Query}
  | {readonly table: 'slots'; readonly query: SlotsQuery}
  | {readonly table: 'begins'};

type Rows = readonly HistoryRow[] | readonly Rollup[] | readonly Slot[] | readonly Beginning[];

/** The worker has no clock: whatever asks for something says what time it is. */
export type ToWorker = {readonly now: number} & (
  | {readonly kind: 'open'}
  | {readonly kind: 'write'; readonly observations: Columns}
  | {readonly kind: 'query'; readonly id: number; readonly question: Question}
  | {readonly kind: 'prune'; readonly before: {readonly raw: number; readonly rollups: number}}
  | {readonly kind: 'close'}
);

/** `written` and `unwritable` answer the writes in their order. */
export type FromWorker =
  | {readonly kind: 'written'}
  | {readonly kind: 'unwritable'; readonly detail: string}
  | {readonly kind: 'damaged'; readonly detail: string}
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly rows: Rows;
    }
  | {readonly kind: 'pruned'; readonly more: boolean};

/** A larger file is not looked through after an unclean stop: it would keep the history waiting for minutes. */
const CHECK_BYTES_MAX = 64 * 2 ** 20;

const file = String(workerData);
const port = parentPort;
let archive: Archive | undefined;
/** Of the file that the archive is in. */
let inode: number | undefined;

port?.on('message', (message: ToWorker) => {
  try {
    serve(message);
  } catch (error) {
    if (sicknessOf(error) === undefined) throw error;
    // The next message tries the disk again.
    forget();
    excuse(message, error);
  }
});

function serve(message: ToWorker): void {
  switch (message.kind) {
    case 'open':
      return mended(message.now, () => {});
    case 'write':
      mended(message.now, (sound) => sound.write(message.observations));
      return say({kind: 'written'});
    case 'query': {
      const rows = mended(message.now, (sound) => answer(sound, message.question));
      return say({kind: 'answer', id: message.id, rows});
    }
    case 'prune':
      return say({kind: 'pruned', more: mended(message.now, (sound) => sound.prune(message.before))});
    case 'close':
      archive?.close();
      return port?.close();
  }
}

function answer(sound: Archive, question: Question): Rows {
  switch (question.table) {
    case 'raw':
      return sound.raw(question.query);
    case 'rollups':
      return sound.rollups(question.query);
    case 'slots':
      return sound.slots(question.query);
    case 'begins':
      return sound.begins();
  }
}

/** Every question has its answer, also when there is none to give. */
function excuse(message: ToWorker, error: unknown): void {
  const detail = `${file} cannot be written (${error instanceof Error ? error.message : String(error)})`;
  if (message.kind === 'write') say({kind: 'unwritable', detail});
  if (message.kind === 'query') say({kind: 'answer', id: message.id, rows: []});
  if (message.kind === 'prune') say({kind: 'pruned', more: false});
  if (message.kind === 'close') port?.close();
}

/** Does the work, if need be a second time in a fresh file. */
function mended<T>(now: number, work: (sound: Archive) => T): T {
  try {
    if (archive && inodeOf(file) !== inode) forget();
    archive ??= open();
    return work(archive);
  } catch (error) {
    if (sicknessOf(error) !== 'damaged') throw error;
    forget();
    const aside = setAside(file, now);
    const why = error instanceof Error ? error.message : String(error);
    say({kind: 'damaged', detail: `history.db is damaged (${why}): set aside as ${aside}, a fresh one started`});
    archive = open();
    return work(archive);
  }
}

function open(): Archive {
  mkdirSync(dirname(file), {recursive: true});
  const opened = createArchive(openFile(file, HISTORY, CHECK_BYTES_MAX));
  inode = inodeOf(file);
  return opened;
}

/** A file that was deleted still takes what is written to it, and keeps none of it. */
function forget(): void {
  archive?.close();
  archive = undefined;
}

function say(message: FromWorker): void {
  port?.postMessage(message);
}
