import {isMainThread, parentPort, workerData} from 'node:worker_threads';
import type {Outcome} from './custom-api.ts';
import {runCustom} from './custom-run.ts';

/** What makes a thread this one's: a file of this folder is loaded in the main thread too, where it does nothing. */
export const ROLE = 'vakhta custom check';

export interface Order {
  readonly options: unknown;
}

export type Report =
  | {readonly kind: 'log'; readonly text: string}
  | {readonly kind: 'outcome'; readonly outcome: Outcome};

if (!isMainThread && workerData?.role === ROLE && parentPort) {
  const port = parentPort;
  // A thread is stopped as a whole: this signal exists for the sake of the check's code.
  const {signal} = new AbortController();
  const report = (message: Report) => port.postMessage(message);
  port.on('message', async ({options}: Order) => {
    const log = (text: string) => report({kind: 'log', text: String(text)});
    report({kind: 'outcome', outcome: await runCustom({path: workerData.path, options, signal, log})});
  });
}
