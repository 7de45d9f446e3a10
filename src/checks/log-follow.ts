import {readLines} from './log-lines.ts';
import {continues, findRotated, type LogMemory, type OpenFile, openFile, type Place, placeIn} from './log-place.ts';

export interface Followed {
  readonly current: Place | null;
  readonly previous?: Place | undefined;
  /** Bytes that wait for the next run, as this one has read its fill. */
  readonly behindBytes: number;
}

interface Follow {
  /** In bytes, of all that one run reads. */
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** Where to begin, the first time: at the end of the file, as what is old has been dealt with. */
export async function beginAtEnd(path: string): Promise<Followed> {
  const file = await openFile(path);
  if (!file) return {current: null, behindBytes: 0};
  try {
    return {current: await placeIn(file, {offset: file.size, skipping: false}), behindBytes: 0};
  } finally {
    await file.handle.close();
  }
}

/** Reads what has come since, also what went into a file that was rotated away meanwhile. */
export async function follow(
  path: string,
  known: Pick<LogMemory, 'current' | 'previous'>,
  use: Follow,
): Promise<Followed> {
  const budget = createBudget(use);
  if (known.previous) await readRotated(path, known.previous, {...budget.use(), final: true});
  const file = await openFile(path);
  try {
    const goesOn = file !== undefined && known.current !== null && (await continues(file, known.current));
    if (file && known.current && goesOn) return await readCurrent(file, known.current, budget);
    const rotated = known.current && (await readRotated(path, known.current, budget.use()));
    if (file) return {...(await readCurrent(file, BEGINNING, budget)), ...(rotated && {previous: rotated})};
    // Between a rename and the new file there is a moment without one: then the old one is the log.
    return {current: rotated ?? null, behindBytes: 0};
  } finally {
    await file?.handle.close();
  }
}

const BEGINNING = {offset: 0, skipping: false};
type Budget = ReturnType<typeof createBudget>;

/** Shares the limit among the files of one run. */
function createBudget({limit, signal, onLine}: Follow) {
  let left = limit;
  return {
    use: () => ({limit: left, signal, onLine}),
    spend: (bytes: number) => {
      left = Math.max(0, left - bytes);
    },
  };
}

async function readCurrent(
  file: OpenFile,
  from: Pick<Place, 'offset' | 'skipping'>,
  budget: Budget,
): Promise<Followed> {
  const reached = await readLines(file.handle, from, budget.use());
  budget.spend(reached.offset - from.offset);
  const current = await placeIn(file, reached);
  const {limit} = budget.use();
  return {current, behindBytes: limit === 0 ? Math.max(0, file.size - reached.offset) : 0};
}

/** The new place in the rotated file; undefined when it was not found. */
async function readRotated(path: string, from: Place, use: Follow & {final?: boolean}): Promise<Place | undefined> {
  const file = await findRotated(path, from);
  if (!file) return undefined;
  try {
    return await placeIn(file, await readLines(file.handle, from, use));
  } finally {
    await file.handle.close();
  }
}
