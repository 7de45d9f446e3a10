/** A stretch of time in epoch milliseconds; `to` is exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The same time in spans that neither touch nor overlap, in order, within `within`. */
export function merged(spans: readonly Span[], within: Span): readonly Span[] {
  const sorted = spans
    .map(({from, to}) => ({from: Math.max(from, within.from), to: Math.min(to, within.to)}))
    .filter(({from, to}) => to > from)
    .sort((a, b) => a.from - b.from);
  const result: {from: number; to: number}[] = [];
  for (const span of sorted) {
    const last = result.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else result.push({...span});
  }
  return result;
}

export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, {from, to}) => sum + to - from, 0);
}

/** How much of this time lies outside the spans, which are merged. */
export function outside(span: Span, spans: readonly Span[]): number {
  const inside = spans.reduce(
    (sum, {from, to}) => sum + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)),
    0,
  );
  return span.to - span.from - inside;
}

/** Whether a moment lies in one of the spans, which are merged; for moments that only grow. */
export function createInside(spans: readonly Span[]): (at: number) => boolean {
  let index = 0;
  return (at) => {
    for (let span = spans[index]; span && span.to <= at; span = spans[index]) index++;
    return (spans[index]?.from ?? Number.POSITIVE_INFINITY) <= at;
  };
}
