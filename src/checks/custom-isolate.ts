import {join} from 'node:path';
import {Worker} from 'node:worker_threads';
import type {Outcome} from './custom-api.ts';
import type {RunUse} from './custom-run.ts';
import {type Order, type Report, ROLE} from './custom-worker.ts';

/** Megabytes; a check that needs more ends with its thread, and not with the program. */
const HEAP_MB_MAX = 128;

/**
 * Runs a module of the user's own in a thread, which stays for the next run. The thread is ended when the signal aborts, whatever
 * it does, and when something in it was not caught.
 */
export function createIsolated(path: string): (use: Omit<RunUse, 'path'>) => Promise<Outcome> {
  let thread: Worker | undefined;
  return async ({options, signal, log}) => {
    signal.throwIfAborted();
    const worker =
      thread ??
      startThread(path, () => {
        thread = undefined;
      });
    thread = worker;
    let isFine = true;
    const {promise, resolve, reject} = Promise.withResolvers<Outcome>();
    const give = (reason: string) => {
      isFine = false;
      resolve({result: 'failed', reason});
    };
    const onMessage = (report: Report) => {
      if (report.kind === 'log') log(report.text);
      else resolve(report.outcome);
    };
    const onError = (error: unknown) =>
      give(`the check’s thread ended: ${error instanceof Error ? error.message : 'unknown'}`);
    const onExit = () => give('the check ended its thread');
    const stop = () => reject(signal.reason);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal.addEventListener('abort', stop, {once: true});
    try {
      worker.ref();
      worker.postMessage({options} satisfies Order);
      return await promise;
    } finally {
      signal.removeEventListener('abort', stop);
      worker.off('message', onMessage).off('exit', onExit);
      worker.unref();
      if (!isFine || signal.aborted) {
        thread = undefined;
        await worker.terminate();
      }
      worker.off('error', onError);
    }
  };
}

function startThread(path: string, onGone: (worker: Worker) => void): Worker {
  const worker = new Worker(join(import.meta.dirname, 'custom-worker.ts'), {
    workerData: {role: ROLE, path},
    resourceLimits: {maxOldGenerationSizeMb: HEAP_MB_MAX},
  });
  // Between two runs too: an error that nobody listens to would end the program.
  const tell = () => onGone(worker);
  return worker.on('error', tell).on('exit', tell);
}
