import {type Outcome, simulate} from './simulate.ts';

export interface Seeds {
  readonly first: number;
  readonly count: number;
  readonly hours: number;
  readonly recoveries: boolean;
  /** Otherwise the first failure ends it. */
  readonly keepGoing: boolean;
}

/** What some seeds came to. Added up with `add`. */
export interface Tally {
  readonly hours: number;
  readonly cpuSeconds: number;
  readonly messages: number;
  readonly deaths: number;
  readonly attempts: number;
  readonly failed: readonly number[];
}

export const NOTHING: Tally = {hours: 0, cpuSeconds: 0, messages: 0, deaths: 0, attempts: 0, failed: []};

/** One seed after the other. `onFailure` hears of each one that fails, `print` of every effect of every seed. */
export async function runSeeds(
  seeds: Seeds,
  onFailure: (outcome: Outcome) => void,
  print?: (line: string) => void,
): Promise<Tally> {
  const {first, count, hours, recoveries, keepGoing} = seeds;
  const cpuBefore = process.cpuUsage();
  let sum = NOTHING;
  for (let seed = first; seed < first + count; seed++) {
    const outcome = await simulate(seed, {hours, recoveries, ...(print && {print})});
    const {messages, deaths, recoveries: attempts, failure} = outcome;
    sum = add(sum, {hours, cpuSeconds: 0, messages, deaths, attempts, failed: failure ? [seed] : []});
    if (failure) onFailure(outcome);
    if (failure && !keepGoing) break;
  }
  const {user, system} = process.cpuUsage(cpuBefore);
  return {...sum, cpuSeconds: (user + system) / 1e6};
}

export function add(a: Tally, b: Tally): Tally {
  return {
    hours: a.hours + b.hours,
    cpuSeconds: a.cpuSeconds + b.cpuSeconds,
    messages: a.messages + b.messages,
    deaths: a.deaths + b.deaths,
    attempts: a.attempts + b.attempts,
    failed: [...a.failed, ...b.failed],
  };
}
