import {Worker} from 'node:worker_threads';

/** How long one test file may take; node's own --test-timeout ends neither an endless loop nor a timer left behind. */
const FILE_MS_MAX = 300_000;

/** Runs in a thread of its own, since the main thread may be the one that hangs. */
const WATCH = `
  const {workerData} = require('node:worker_threads');
  setTimeout(() => {
    require('node:fs').writeSync(2, workerData.file + ': ended after ' + workerData.ms + ' ms: it hangs, or left something running\\n');
    process.kill(process.pid, 'SIGKILL');
  }, workerData.ms);
`;

// The runner imports this too and hands it on to the processes of the test files, which node marks so.
if (process.env.NODE_TEST_CONTEXT !== undefined) {
  const ms = Number(process.env.TEST_FILE_MS_MAX ?? FILE_MS_MAX);
  new Worker(WATCH, {eval: true, workerData: {file: process.argv[1], ms}}).unref();
}
