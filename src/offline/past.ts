import type {Config} from '../config/config.ts';
import {history} from '../store/beside.ts';
import {StoreRefused} from '../store/sickness.ts';
import type {Input} from './input.ts';

/** So many observations are handed over at once. */
const BATCH = 1_000;

/** What this server's own history has of that time, as far as the configuration still knows it; `leftOut` hears of the rest. */
export async function* readPast(
  config: Config,
  span: {readonly from: number; readonly to: number},
  leftOut: (check: string) => void,
): AsyncIterable<readonly Input[] | {readonly problem: string}> {
  const known = new Map(config.checks.map(({name, targets}) => [name, new Set(targets.map(({address}) => address))]));
  let batch: Input[] = [];
  try {
    for (const observation of history(config.dataDir, span)) {
      const {check, target, at} = observation;
      const targets = known.get(check);
      const isKnown = target === undefined ? targets?.size === 0 : targets?.has(target);
      if (!isKnown) {
        leftOut(check);
        continue;
      }
      batch.push({kind: 'observation', at, observation});
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  } catch (error) {
    if (!(error instanceof StoreRefused)) throw error;
    yield {problem: error.message};
  }
}
