import {prepareCheck} from '../checks/index.ts';
import {systemClock as clock} from '../clock.ts';
import type {Config} from '../config/config.ts';
import {createRedact, redactReasons} from '../config/redact.ts';
import {didYouMean} from '../config/suggest.ts';
import type {Observation} from '../state/vocabulary.ts';

/** So many checks at once; the rest wait their turn, as in the scheduler. */
const CONCURRENCY = 64;

/** `vakhta check`: runs the named checks (all, when none is named) once and prints what they found. */
export async function checkOnce(
  {config, secrets}: {readonly config: Config; readonly secrets: readonly string[]},
  names: readonly string[],
  json: boolean,
): Promise<{failed: boolean; unknown?: string}> {
  const known = config.checks.map((check) => check.name);
  const unknown = names.filter((name) => !known.includes(name)).map((name) => name + didYouMean(name, known));
  if (unknown.length > 0) return {failed: false, unknown: `no check is called ${unknown.join(', nor ')}`};
  const redact = createRedact(secrets);
  const mocks = config.mocks ? await startMissingMocks() : undefined;
  const chosen = config.checks.filter((check) => names.length === 0 || names.includes(check.name));
  const signal = new AbortController().signal;
  const found: Observation[] = [];
  for (let from = 0; from < chosen.length; from += CONCURRENCY) {
    const some = chosen.slice(from, from + CONCURRENCY);
    const runs = some.map((check) => prepareCheck(check, {clock, log: errorLog}));
    found.push(...(await Promise.all(runs.map((run) => run(signal)))).flat());
    for (const {close} of runs) close?.();
  }
  const shown = redactReasons(found, redact);
  process.stdout.write(json ? lines(shown) : table(shown));
  await mocks?.stop();
  return {failed: found.some(({result}) => result === 'failed')};
}

/** Standard output is for the findings. */
const errorLog = {info: ({check}: {check: string}, text: string) => process.stderr.write(`${check}: ${text}\n`)};

/** `vakhta run` beside this may have them up already; then those are the ones to look at. */
async function startMissingMocks() {
  const {startMocks} = await import('../../mocks/index.ts');
  return startMocks().catch(() => undefined);
}

function lines(found: readonly Observation[]): string {
  return found
    .map(
      ({check, target, result, reason, latencyMs}) => `${JSON.stringify({check, target, result, reason, latencyMs})}\n`,
    )
    .join('');
}

function table(found: readonly Observation[]): string {
  const rows = found.map(({check, target = '', result, reason, latencyMs}) => [
    check,
    target,
    result,
    `${latencyMs.toFixed(latencyMs < 10 ? 1 : 0)} ms`,
    reason,
  ]);
  const all = [['CHECK', 'TARGET', 'RESULT', 'LATENCY', 'REASON'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const format = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${all.map(format).join('\n')}\n`;
}
