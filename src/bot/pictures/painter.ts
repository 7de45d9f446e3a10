import {Worker} from 'node:worker_threads';
import type {Cancel, Clock} from '../../clock.ts';
import type {FromPainter, ToPainter} from './painter-worker.ts';

/** Makes PNGs of SVG, in a thread of its own: what takes a tenth of a second must not hold up the checks. */
export interface Painter {
  /** Never rejects: a picture that cannot be had is a reason for the log. Ends early when the signal aborts. */
  paint(svg: string, signal?: AbortSignal): Promise<Painted>;
  /** Ends the thread. */
  close(): Promise<void>;
}

export type Painted = {readonly png: Buffer} | {readonly failed: string};

/** The thread and its fonts take some 40 MB, and pictures come in bursts: it ends when nobody asked for so long. */
export const IDLE_MS = 30_000;
/** A picture takes a tenth of a second; what takes this long will not come. */
const PAINT_MS_MAX = 10_000;
/** More would wait longer than anybody looks at the screen. */
const WAITING_MAX = 8;
/** A picture of ten thousand cells is 400 kB; there is no larger one. */
const SVG_UNITS_MAX = 2_000_000;
/** The thread dies when it needs more, and is started again by the next picture; the program does not. */
const HEAP_LIMITS = {maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8};

const SCRIPT = new URL('./painter-worker.ts', import.meta.url);

export function createPainter({clock, script = SCRIPT}: {readonly clock: Clock; readonly script?: URL}): Painter {
  const waiting = new Map<number, (painted: Painted) => void>();
  let worker: Worker | undefined;
  let asked = 0;
  let unsetIdle: Cancel = () => {};

  function start(): Worker {
    const started = new Worker(script, {name: 'pictures', resourceLimits: HEAP_LIMITS});
    let why = 'the painter has ended';
    started.on('message', (message: FromPainter) => {
      waiting.get(message.id)?.('png' in message ? {png: Buffer.from(message.png)} : message);
    });
    started.on('error', (error) => {
      why = error instanceof Error ? error.message : String(error);
    });
    started.on('exit', () => {
      if (worker !== started) return;
      worker = undefined;
      for (const answer of waiting.values()) answer({failed: why});
    });
    // Nobody waits for a picture at the end of the program.
    started.unref();
    return started;
  }

  function stop(): Promise<unknown> {
    unsetIdle();
    const ending = worker;
    worker = undefined;
    for (const answer of waiting.values()) answer({failed: 'the painter was stopped'});
    return ending?.terminate() ?? Promise.resolve();
  }

  async function paint(svg: string, signal?: AbortSignal): Promise<Painted> {
    if (svg.length > SVG_UNITS_MAX) return {failed: `a picture of ${svg.length} characters is too large`};
    if (waiting.size >= WAITING_MAX) return {failed: `${waiting.size} pictures are waiting already`};
    unsetIdle();
    worker ??= start();
    const id = ++asked;
    const {promise, resolve} = Promise.withResolvers<Painted>();
    const deadline = clock.deadline(PAINT_MS_MAX, signal);
    const giveUp = () => {
      resolve({failed: `no picture: ${String(deadline.signal.reason)}`});
      // A thread that hangs is of no use to the next picture either.
      if (!signal?.aborted) void stop();
    };
    waiting.set(id, resolve);
    if (deadline.signal.aborted) giveUp();
    deadline.signal.addEventListener('abort', giveUp, {once: true});
    const request: ToPainter = {id, svg};
    worker?.postMessage(request);
    const painted = await promise;
    deadline.signal.removeEventListener('abort', giveUp);
    deadline.cancel();
    waiting.delete(id);
    if (waiting.size === 0) unsetIdle = clock.after(IDLE_MS, () => void stop());
    return painted;
  }

  return {paint, close: async () => void (await stop())};
}
