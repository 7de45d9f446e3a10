/** True in the file that node was started with; the mocks are programs as well as modules. */
export function isMain({main}: ImportMeta): boolean {
  return main === true;
}

/** Ends a mock that runs as a program, on Ctrl-C or SIGTERM. */
export function stopOnSignal({stop}: {stop(): Promise<void>}): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
}
