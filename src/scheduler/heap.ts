export interface Timed {
  readonly dueAt: number;
}

/** A heap of four children a node: shallower than a binary one, and its children share a cache line. `heap[0]` is the earliest. */
export function push<T extends Timed>(heap: T[], entry: T): void {
  let hole = heap.length;
  heap.push(entry);
  while (hole > 0) {
    const up = (hole - 1) >> 2;
    const parent = heap[up];
    if (!parent || parent.dueAt <= entry.dueAt) break;
    heap[hole] = parent;
    hole = up;
  }
  heap[hole] = entry;
}

/** Takes the earliest away if it is due. */
export function popDue<T extends Timed>(heap: T[], now: number): T | undefined {
  const earliest = heap[0];
  if (!earliest || earliest.dueAt > now) return undefined;
  const last = heap.pop();
  if (!last || heap.length === 0) return earliest;
  let hole = 0;
  for (;;) {
    const child = earliestChild(heap, hole);
    const entry = heap[child];
    if (!entry || entry.dueAt >= last.dueAt) break;
    heap[hole] = entry;
    hole = child;
  }
  heap[hole] = last;
  return earliest;
}

function earliestChild(heap: readonly Timed[], parent: number): number {
  const from = parent * 4 + 1;
  let best = from;
  for (let child = from + 1; child < from + 4 && child < heap.length; child++) {
    if ((heap[child]?.dueAt ?? 0) < (heap[best]?.dueAt ?? 0)) best = child;
  }
  return best;
}
