import type {Flap} from './vocabulary.ts';

/** Icinga's and Nagios's figures (icinga2 `checkable-flapping.cpp`): 20 results, the newest weighing most. */
const SLOTS = 20;
/** Weights in hundredths: sums of whole numbers are exact, so that 30 % is not above 30 %. */
const WEIGHT_OLDEST = 80;
const WEIGHT_STEP = 2;
const STARTS_ABOVE_PERCENT = 30;
const ENDS_AT_PERCENT = 25;

export const steady: Flap = {changes: 0, isFlapping: false};

/** The memory after one more conclusive result. */
export function remember(flap: Flap, result: boolean): Flap {
  const changed = flap.last !== undefined && flap.last !== result;
  const changes = ((flap.changes << 1) | Number(changed)) & (2 ** SLOTS - 1);
  const percent = changePercent(changes);
  const isFlapping = flap.isFlapping ? percent > ENDS_AT_PERCENT : percent > STARTS_ABOVE_PERCENT;
  return {changes, last: result, isFlapping};
}

/** How much the results change: the sum of the changes' weights over 20, in percent (0 to 99). */
export function changePercent(changes: number): number {
  let sum = 0;
  for (let age = 0; age < SLOTS; age++) {
    if ((changes >> age) & 1) sum += WEIGHT_OLDEST + WEIGHT_STEP * (SLOTS - 1 - age);
  }
  return sum / SLOTS;
}
