import type {Logger} from 'pino';
import type {Observation} from '../state/vocabulary.ts';

/** Of a check with many targets, so many that are not well are named; the rest is a number. */
const TARGETS_NAMED_MAX = 20;

/** One line for each run of a check: always where something was not well, and with `logSuccess` otherwise too. */
export function createRunLog(log: Logger, logSuccess: boolean): (run: readonly Observation[]) => void {
  return (run) => {
    const [first] = run;
    if (!first || (!logSuccess && run.every(isWell))) return;
    const unwell = run.filter((observation) => !isWell(observation));
    const {check} = first;
    const about = first.target === undefined ? alone(first) : counted(run, unwell);
    if (unwell.length === 0) log.info({check, ...about}, 'check ok');
    else log.info({check, ...about}, 'check not ok');
  };
}

function isWell({result}: Observation): boolean {
  return result === 'ok';
}

function alone({result, reason, latencyMs, values}: Observation) {
  return {result, ...(reason !== '' && {reason}), latencyMs: rounded(latencyMs), ...(values && {values})};
}

function counted(run: readonly Observation[], unwell: readonly Observation[]) {
  const named = unwell.slice(0, TARGETS_NAMED_MAX).map(({target, result, reason}) => ({target, result, reason}));
  return {targets: run.length, unwell: unwell.length, ...(named.length > 0 && {named})};
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
