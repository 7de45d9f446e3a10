import {parseArgs} from 'node:util';
import {runByCrew} from './crew.ts';
import {runSeeds} from './seeds.ts';
import type {Outcome} from './simulate.ts';

/**
 * `npm run sim -- [--seed N] [--seeds COUNT] [--hours H] [--workers N] [--keep-going] [--trace] [--no-recoveries]`.
 * Exit code 1 when a seed fails.
 */
const {values} = parseArgs({
  options: {
    seed: {type: 'string', default: '1'},
    seeds: {type: 'string', default: '1'},
    hours: {type: 'string', default: '168'},
    // Processes at once, one a core at most; the first failure ends the one that met it.
    workers: {type: 'string', default: '1'},
    trace: {type: 'boolean', default: false},
    'keep-going': {type: 'boolean', default: false},
    // As lives were before there were recoveries: for the seeds that once failed then.
    'no-recoveries': {type: 'boolean', default: false},
  },
});
const recoveries = !values['no-recoveries'];
const workers = Number(values.workers);
const seeds = {
  first: Number(values.seed),
  count: Number(values.seeds),
  hours: Number(values.hours),
  recoveries,
  keepGoing: values['keep-going'],
};

const began = performance.now();
const tally =
  workers > 1 ? await runByCrew(seeds, workers, report) : await runSeeds(seeds, report, values.trace ? say : undefined);
const passed = (performance.now() - began) / 1_000;
const {hours, cpuSeconds, failed} = tally;
// Of one core: others may be at work on this machine.
say(
  `${hours} hours in ${cpuSeconds.toFixed(1)} s of one core (${passed.toFixed(1)} s): ${Math.round(hours / cpuSeconds)} simulated hours a second; ` +
    `${tally.messages} messages, ${tally.deaths} deaths, ${tally.attempts} recoveries, ${failed.length} seeds failed${failed.length > 0 ? `: ${failed.join(' ')}` : ''}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;

function report({seed, failure}: Outcome): void {
  for (const line of values.trace ? [] : (failure?.trace ?? [])) say(`  ${line}`);
  say(`seed ${seed} failed at ${failure?.at}: ${failure?.sentence}`);
  say(`once more: npm run sim -- --seed ${seed} --hours ${seeds.hours} --trace${recoveries ? '' : ' --no-recoveries'}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
