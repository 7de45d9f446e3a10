import {type ChildProcess, fork} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {add, NOTHING, runSeeds, type Seeds, type Tally} from './seeds.ts';
import type {Outcome} from './simulate.ts';

type Word = {readonly failure: Outcome} | {readonly tally: Tally};

/** So many at a time: the slowest process of a crew is not far behind the others, and a killed run has said most. */
const SHARE = 50;

/** A long life on a core of its own: what dies young does so in a large young generation, tidied up by that core. */
const FLAGS = ['--max-semi-space-size=32', '--single-threaded-gc'];

/** The same as `runSeeds` in several processes, each of which takes the next seeds when it is done with its last. */
export async function runByCrew(seeds: Seeds, workers: number, onFailure: (outcome: Outcome) => void): Promise<Tally> {
  const shares = split(seeds);
  let sum = NOTHING;
  const work = async () => {
    for (let share = shares.next().value; share; share = shares.next().value) {
      const tally = await runApart(share, onFailure);
      sum = add(sum, tally);
      if (tally.failed.length > 0 && !seeds.keepGoing) return;
    }
  };
  await Promise.all(Array.from({length: workers}, work));
  return {...sum, failed: [...sum.failed].sort((a, b) => a - b)};
}

function* split({first, count, ...rest}: Seeds): Generator<Seeds, undefined> {
  for (let done = 0; done < count; done += SHARE)
    yield {...rest, first: first + done, count: Math.min(SHARE, count - done)};
}

async function runApart(share: Seeds, onFailure: (outcome: Outcome) => void): Promise<Tally> {
  const child = fork(fileURLToPath(import.meta.url), {execArgv: FLAGS});
  let tally: Tally | undefined;
  child.on('message', (word: Word) => {
    if ('tally' in word) tally = word.tally;
    else onFailure(word.failure);
  });
  child.send(share);
  await once(child, 'exit');
  if (!tally) throw new Error(`seeds from ${share.first} on ended without a word: exit code ${codeOf(child)}`);
  return tally;
}

function codeOf({exitCode, signalCode}: ChildProcess): string {
  return String(exitCode ?? signalCode);
}

/** In the child: one share, and then it is over. */
if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) {
  const tell = (word: Word) => void process.send?.(word);
  process.once('message', async (share: Seeds) => {
    tell({tally: await runSeeds(share, (failure) => tell({failure}))});
    process.disconnect?.();
  });
}
