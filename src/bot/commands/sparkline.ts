import type {HistoryRow} from '../../store/store.ts';

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const FAILED = '×';
const UNKNOWN = '·';

/** Latencies as blocks, one a run, the lowest as ▁ and the highest as █; a failed run is a ×, an inconclusive one a dot. */
export function sparkline(rows: readonly Pick<HistoryRow, 'result' | 'latencyMs'>[]): string {
  const good = rows.filter(({result}) => result === 'ok').map(({latencyMs}) => latencyMs);
  const low = Math.min(...good);
  const high = Math.max(...good);
  return rows
    .map(({result, latencyMs}) => {
      if (result !== 'ok') return result === 'failed' ? FAILED : UNKNOWN;
      const share = high === low ? 0 : (latencyMs - low) / (high - low);
      return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(share * BLOCKS.length))] ?? '';
    })
    .join('');
}
