import {createReadStream} from 'node:fs';
import {parseDuration} from '../checks/duration.ts';
import {systemClock} from '../clock.ts';
import type {Config} from '../config/config.ts';
import {parseInstant} from '../offline/instant.ts';
import {readPast} from '../offline/past.ts';
import {type Output, readLines, simulate, type Until} from '../offline/simulate.ts';
import {seeHelp} from './usage.ts';

/** `vakhta simulate`: prints what would have happened, a line of JSON for each thing. Returns what is wrong, if anything is. */
export async function printSimulation(
  config: Config,
  use: {
    readonly observations: string | undefined;
    readonly history: string | undefined;
    readonly until: string | undefined;
  },
): Promise<string | undefined> {
  const until = parseUntil(use.until ?? '1d');
  if (typeof until === 'string') return `--until: expected a duration such as 1d, or ${until}`;
  const {observations, history} = use;
  if ((observations === undefined) === (history === undefined)) {
    return `simulate needs either --observations FILE or --history DURATION${seeHelp('simulate')}`;
  }
  const run = {output: standardOutput(), until};
  if (observations === undefined) return await replay(config, history ?? '', run);
  try {
    const chunks = createReadStream(observations, {highWaterMark: READ_BYTES});
    return await simulate(config, readLines(observations, chunks, config), run);
  } catch (error) {
    if (!isFileError(error)) throw error;
    return `--observations: ${observations} cannot be read: ${error.message}`;
  }
}

const READ_BYTES = 2 ** 20;

async function replay(
  config: Config,
  history: string,
  run: {readonly output: Output; readonly until: Until},
): Promise<string | undefined> {
  const span = parseDuration(history);
  if (span === undefined) return `--history: expected a duration such as 7d, got ${history}`;
  const to = systemClock.now();
  const leftOut = new Set<string>();
  const past = readPast(config, {from: to - span, to}, (check) => void leftOut.add(check));
  const problem = await simulate(config, past, run);
  if (leftOut.size > 0) {
    const names = [...leftOut].slice(0, NAMED_MAX).join(', ');
    process.stderr.write(`note: the config does not have all that the history has of ${names}; that is left out\n`);
  }
  return problem;
}

const NAMED_MAX = 20;

function parseUntil(text: string): Until | string {
  const ms = parseDuration(text);
  if (ms !== undefined) return {kind: 'span', ms};
  const at = parseInstant(text);
  return typeof at === 'string' ? at : {kind: 'instant', at};
}

/** A slow reader slows the simulation, and one that has gone ends it. */
function standardOutput(): Output {
  const {stdout} = process;
  return {
    write: (text) => void stdout.write(text),
    drained: () =>
      new Promise((resolve) => {
        if (stdout.destroyed || !stdout.writable) return resolve(false);
        if (!stdout.writableNeedDrain) return resolve(true);
        stdout.once('drain', () => resolve(true));
        stdout.once('close', () => resolve(false));
      }),
  };
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
