import type {Slot} from '../../store/store.ts';

/** What happened within one column of a chart. */
export type Column = Omit<Slot, 'at'>;

const EMPTY: Column = {ok: 0, failed: 0, inconclusive: 0, shown: 0, minMs: 0, meanMs: 0, maxMs: 0};

/** Every column of the chart, also those in which nothing ran. */
export function columnsOf(
  slots: readonly Slot[],
  {from, stepMs, count}: {readonly from: number; readonly stepMs: number; readonly count: number},
): readonly Column[] {
  const columns: Column[] = Array.from({length: count}, () => EMPTY);
  for (const {at, ...column} of slots) {
    const index = Math.floor((at - from) / stepMs);
    if (index >= 0 && index < count) columns[index] = column;
  }
  return columns;
}

/** So many columns, of all that there are: for what is narrower than the picture. */
export function fewer(columns: readonly Column[], count: number): readonly Column[] {
  return Array.from({length: count}, (_, index) => {
    const [from, to] = [index, index + 1].map((place) => Math.floor((place * columns.length) / count));
    return sumOf(columns.slice(from, to));
  });
}

export function sumOf(columns: readonly Column[]): Column {
  return columns.reduce(joined, EMPTY);
}

function joined(a: Column, b: Column): Column {
  const shown = a.shown + b.shown;
  return {
    ok: a.ok + b.ok,
    failed: a.failed + b.failed,
    inconclusive: a.inconclusive + b.inconclusive,
    shown,
    minMs: a.shown === 0 ? b.minMs : b.shown === 0 ? a.minMs : Math.min(a.minMs, b.minMs),
    meanMs: shown === 0 ? 0 : (a.meanMs * a.shown + b.meanMs * b.shown) / shown,
    maxMs: Math.max(a.maxMs, b.maxMs),
  };
}
