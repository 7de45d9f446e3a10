import type {Clock} from '../clock.ts';

/** Resolves `ms` milliseconds after the abort: the last resort against what does not listen to its signal. */
export function afterAbort(
  signal: AbortSignal,
  {clock, ms}: {readonly clock: Clock; readonly ms: number},
): {promise: Promise<void>; cancel: () => void} {
  const {promise, resolve} = Promise.withResolvers<void>();
  let unset = () => {};
  const wait = () => {
    unset = clock.after(ms, resolve);
  };
  if (signal.aborted) wait();
  else signal.addEventListener('abort', wait, {once: true});
  return {
    promise,
    cancel: () => {
      signal.removeEventListener('abort', wait);
      unset();
    },
  };
}
