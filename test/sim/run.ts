import {parseArgs} from 'node:util';
import {type Outcome, simulate} from './simulate.ts';

/** `npm run sim -- [--seed N] [--seeds COUNT] [--hours H] [--trace] [--no-recoveries]`. Exit code 1 when a seed fails. */
const {values} = parseArgs({
  options: {
    seed: {type: 'string', default: '1'},
    seeds: {type: 'string', default: '1'},
    hours: {type: 'string', default: '168'},
    trace: {type: 'boolean', default: false},
    'keep-going': {type: 'boolean', default: false},
    // As lives were before there were recoveries: for the seeds that once failed then.
    'no-recoveries': {type: 'boolean', default: false},
  },
});
const first = Number(values.seed);
const count = Number(values.seeds);
const hours = Number(values.hours);
const recoveries = !values['no-recoveries'];
const print = values.trace ? (line: string) => say(line) : undefined;

const began = performance.now();
const cpuBefore = process.cpuUsage();
let simulated = 0;
let messages = 0;
let deaths = 0;
let attempts = 0;
const failed: number[] = [];
for (let seed = first; seed < first + count; seed++) {
  const outcome = await simulate(seed, {hours, recoveries, ...(print && {print})});
  simulated += hours;
  messages += outcome.messages;
  deaths += outcome.deaths;
  attempts += outcome.recoveries;
  if (!outcome.failure) continue;
  failed.push(seed);
  report(outcome);
  if (!values['keep-going']) break;
}
// Of one core: others may be at work on this machine.
const {user, system} = process.cpuUsage(cpuBefore);
const seconds = (user + system) / 1e6;
const passed = (performance.now() - began) / 1_000;
const rate = Math.round(simulated / seconds);
say(
  `${simulated} hours in ${seconds.toFixed(1)} s of one core (${passed.toFixed(1)} s): ${rate} simulated hours a second; ` +
    `${messages} messages, ${deaths} deaths, ${attempts} recoveries, ${failed.length} seeds failed${failed.length > 0 ? `: ${failed.join(' ')}` : ''}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;

function report({seed, failure}: Outcome): void {
  for (const line of values.trace ? [] : (failure?.trace ?? [])) say(`  ${line}`);
  say(`seed ${seed} failed at ${failure?.at}: ${failure?.sentence}`);
  say(`once more: npm run sim -- --seed ${seed} --hours ${hours} --trace${recoveries ? '' : ' --no-recoveries'}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
