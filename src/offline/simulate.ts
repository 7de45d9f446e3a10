import {HOSTNAME} from '../../HOSTNAME.ts';
import manifest from '../../package.json' with {type: 'json'};
import {createReaders, NO_CHOICES} from '../bot/readers.ts';
import type {Config} from '../config/config.ts';
import {isUtf16, notUtf8} from '../config/read.ts';
import {createReader, type Input} from './input.ts';
import {INSTANT_MAX} from './instant.ts';
import {Simulation} from './simulation.ts';

/** Where the lines go; resolves when there is room for more. */
export interface Output {
  write(text: string): void;
  drained(): Promise<boolean>;
}

/** Until when the clock runs on after the last input: an instant, or so long after it. */
export type Until = {readonly kind: 'instant'; readonly at: number} | {readonly kind: 'span'; readonly ms: number};

/** Lines are gathered to chunks of this size before they are written. */
const CHUNK_UNITS = 65_536;

/** Lives through the inputs and prints what would have happened. Returns what is wrong with an input, if anything is. */
export async function simulate(
  config: Config,
  inputs: AsyncIterable<readonly Input[] | {readonly problem: string}>,
  use: {readonly output: Output; readonly until: Until},
): Promise<string | undefined> {
  const {output, until} = use;
  let chunk = '';
  const flush = () => {
    if (chunk !== '') output.write(chunk);
    chunk = '';
  };
  const simulation = new Simulation({
    config,
    readers: createReaders(config, HOSTNAME, NO_CHOICES),
    version: manifest.version,
    print: ({at, ...rest}) => {
      chunk += `${JSON.stringify({at: iso(at), ...rest})}\n`;
      if (chunk.length > CHUNK_UNITS) flush();
    },
  });
  let last: number | undefined;
  for await (const batch of inputs) {
    if ('problem' in batch) {
      flush();
      return batch.problem;
    }
    for (const input of batch) {
      const answered = simulation.take(input);
      // Observations are many, and wait for nothing.
      if (answered) await answered;
    }
    last = batch.at(-1)?.at ?? last;
    if (chunk !== '' && !(await output.drained())) return undefined;
  }
  const problem = last === undefined ? 'there is nothing to simulate: no observation, no command' : finish(last);
  flush();
  return problem;

  function finish(from: number): string | undefined {
    const end = until.kind === 'instant' ? until.at : from + until.ms;
    if (end > INSTANT_MAX) return '--until: expected an end before the year 10000; a duration such as 1d is shorter';
    if (end < from) return `--until: ${iso(end)} is before the last input (${iso(from)})`;
    simulation.runUntil(end);
    return undefined;
  }
}

/** The inputs that these lines say, each complaint with the file and the number of its line. */
export async function* readLines(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  config: Config,
): AsyncIterable<readonly Input[] | {readonly problem: string}> {
  const targets = ({targets}: Config['checks'][number]) => new Set(targets.map(({address}) => address));
  const read = createReader(new Map(config.checks.map((check) => [check.name, targets(check)])));
  let number = 0;
  for await (const lines of splitLines(chunks)) {
    if (typeof lines === 'string') return yield {problem: `${file}:1 ${lines}`};
    const batch: Input[] = [];
    for (const line of lines) {
      number++;
      if (line.trim() === '') continue;
      const input = read(line);
      if (typeof input === 'string') {
        yield batch;
        return yield {problem: `${file}:${number} ${input}`};
      }
      batch.push(input);
    }
    yield batch;
  }
}

/** A string in place of lines says why there are none. */
async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncIterable<readonly string[] | string> {
  // It drops the byte order mark, too.
  const decoder = new TextDecoder();
  let rest: string | undefined;
  for await (const chunk of chunks) {
    if (rest === undefined && isUtf16(chunk)) return yield notUtf8('the observations', 'UTF-16');
    const lines = ((rest ?? '') + decoder.decode(chunk, {stream: true})).split('\n');
    rest = lines.pop() ?? '';
    yield lines;
  }
  yield [(rest ?? '') + decoder.decode()];
}

function iso(at: number): string {
  return Temporal.Instant.fromEpochMilliseconds(at).toString();
}
