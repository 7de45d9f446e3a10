import {z} from 'zod';
import {isOfTheWorld, reasonFor} from '../reach/failure.ts';
import type {CheckMemory, Finding, Kind} from './check.ts';
import {duration, formatDuration} from './duration.ts';
import {beginAtEnd, follow} from './log-follow.ts';
import {type LogMemory, parseMemory} from './log-place.ts';
import {path} from './path.ts';

/** One run reads no more of a log that grows fast; the next one goes on from there. */
const RUN_BYTES_MAX = 16 * 1024 ** 2;
const SHOWN_CHARS_MAX = 150;
const DAY_MS = 86_400_000;

const pattern = z
  .string()
  .min(1)
  .refine(compiles, 'expected a regular expression of JavaScript; for upper and lower case alike write (?i:error)');
const patterns = z.union([pattern, z.array(pattern).min(1)]);

const options = z.strictObject({
  file: path().describe('The path of the log.'),
  match: patterns.describe('A regular expression, or a list of which one has to match, for the lines that count.'),
  ignore: patterns.optional().describe('Likewise, for lines that do not count although they match.'),
  must: z
    .enum(['appear', 'not_appear'])
    .default('not_appear')
    .describe('`not_appear`: a matching line is a failure. `appear`: its absence is.'),
  within: duration({min: 1_000, max: 366 * DAY_MS, example: '26h', hasDefault: false})
    .optional()
    .describe('How far the check looks back for a matching line, `26h` say. Left out: to its last run.'),
});
type Options = z.infer<typeof options>;

const kind: Kind<Options> = {
  name: 'log',
  local: true,
  doc:
    'Follows a log file, in which a matching line must not appear, or must. It begins at the end of the file, reads whole lines only, and remembers its place across ' +
    'restarts. A log may be rotated by renaming and by copying and truncating: what was written before the rotation is read from the file that has it now, as ' +
    'long as its name begins like the log’s and it is not compressed (`delaycompress` of logrotate), and if there was one rotation between two runs. Lines are UTF-8, more or less, and 16 KiB are looked at of each; ' +
    'one run reads 16 MiB and leaves the rest to the next one.\n\n' +
    'Without `within`, a matching line makes just one run fail: give `fail_after: 1`, or `within: 10m` to keep the check failing for ten minutes. After a restart the ' +
    'lines of the last failed run count once more, so that none is lost. `attempts` do not count. A log that is missing fails the check. `matched_lines` goes to the history.',
  example: [
    'shop-log:',
    '  type: log',
    '  file: /var/log/shop/app.log',
    '  match: ["FATAL", "(?i:out of memory)"]',
    '  ignore: known and harmless',
    '  fail_after: 1',
    'nightly-job:',
    '  type: log',
    '  file: /var/log/nightly.log',
    '  match: ^done',
    '  must: appear',
    '  within: 26h',
  ].join('\n'),
  options,
  singleTry: true,
  prepare: (given, {clock, memory}) => {
    const watch = createWatch(given, memory);
    return async ({signal}) => {
      const began = clock.monotonic();
      const finding = (verdict: Verdict, values?: Record<string, number>): Finding[] => [
        {...verdict, latencyMs: clock.monotonic() - began, ...(values && {values})},
      ];
      try {
        const {verdict, values} = await watch(clock.now(), signal);
        return finding(verdict, values);
      } catch (error) {
        if (!signal.aborted && !isOfTheWorld(error)) throw error;
        return finding({result: 'failed', reason: reasonFor(error, {signal})});
      }
    };
  },
};

export default kind;

type Verdict = Pick<Finding, 'result' | 'reason'>;
interface Seen {
  readonly verdict: Verdict;
  readonly values: Record<string, number> & {readonly matched_lines: number};
}

/** A function for each run. What it has read counts as dealt with only when it ends: an abort changes nothing. */
function createWatch(given: Options, kept: CheckMemory | undefined) {
  const counts = createFilter(given);
  let last = parseMemory(kept?.get(), given.file);
  let unkept: string | undefined;
  let current: string | undefined;
  const keep = (text: string) => {
    if (text !== current) kept?.set(text);
    current = text;
  };
  const remember = (next: LogMemory, {verdict, values}: Seen) => {
    last = next;
    const text = JSON.stringify(next);
    // Until the failure has surely been counted, a restart must find the lines that it came from.
    if (verdict.result === 'failed' && values.matched_lines > 0 && given.within === undefined) unkept = text;
    else keep(text);
  };
  return async (now: number, signal: AbortSignal): Promise<Seen> => {
    if (unkept !== undefined) keep(unkept);
    unkept = undefined;
    const lines: string[] = [];
    let matched = 0;
    const onLine = (line: string) => {
      if (!counts(line)) return;
      matched++;
      if (lines.length === 0) lines.push(line);
    };
    const {behindBytes, ...places} = last
      ? await follow(given.file, last, {limit: RUN_BYTES_MAX, signal, onLine})
      : await beginAtEnd(given.file);
    const times = {matchedAt: last?.matchedAt ?? now, hasMatched: last?.hasMatched ?? false};
    const next: LogMemory = {
      version: 1,
      file: given.file,
      ...places,
      ...(matched > 0 ? {matchedAt: now, hasMatched: true} : times),
    };
    const verdict = next.current
      ? judge(given, {matched, first: lines[0] ?? '', now, next, isFirst: last === undefined})
      : ({result: 'failed', reason: `${given.file}: there is no such file`} as const);
    const seen = {verdict, values: {matched_lines: matched, ...(behindBytes > 0 && {behind_bytes: behindBytes})}};
    remember(next, seen);
    return seen;
  };
}

function judge(
  {must, within}: Options,
  {
    matched,
    first,
    now,
    next,
    isFirst,
  }: {matched: number; first: string; now: number; next: LogMemory; isFirst: boolean},
): Verdict {
  const failed = (reason: string): Verdict => ({result: 'failed', reason});
  const ok: Verdict = {result: 'ok', reason: ''};
  const agoMs = now - next.matchedAt;
  const ago = formatDuration(Math.max(0, Math.floor(agoMs / 1000) * 1000));
  if (must === 'not_appear') {
    if (matched > 0)
      return failed(`${matched === 1 ? 'a matching line' : `${matched} matching lines, the first`}: ${shorten(first)}`);
    return within !== undefined && next.hasMatched && agoMs <= within ? failed(`a matching line ${ago} ago`) : ok;
  }
  if (within !== undefined) return agoMs <= within ? ok : failed(`no matching line for ${ago}`);
  if (isFirst) return {result: 'inconclusive', reason: 'the first run only notes where the log ends'};
  return matched > 0 ? ok : failed('no matching line since the last run');
}

function createFilter({match, ignore}: Options): (line: string) => boolean {
  const read = (given: string | readonly string[] = []) => [given].flat().map((text) => new RegExp(text));
  const wanted = read(match);
  const unwanted = read(ignore);
  return (line) => wanted.some((one) => one.test(line)) && !unwanted.some((one) => one.test(line));
}

function compiles(text: string): boolean {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
}

/** A reason is one line in a chat. */
function shorten(line: string): string {
  const clean = line.replaceAll(/\p{Cc}+/gu, ' ').trim();
  return clean.length > SHOWN_CHARS_MAX ? `${clean.slice(0, SHOWN_CHARS_MAX)}…` : clean;
}
