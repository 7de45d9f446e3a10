import {escapeHtml} from '../messages/html.ts';
import {type Column, columnsOf, fewer, sumOf} from '../pictures/columns.ts';
import {LATENCY_COLUMNS, latencySvg} from '../pictures/latency.ts';
import {latencyText, lookOf, percentText} from '../pictures/look.ts';
import {merged, type Span} from '../pictures/spans.ts';
import type {Call, Desk} from './command.ts';
import {type Drawn, titleOf, type Wanted} from './graph.ts';
import {sparkline} from './sparkline.ts';

const DAY_MS = 24 * 3_600_000;
const ROLLUP_MS = 300_000;
/** A console is 80 letters wide, or a little less. */
const LETTERS = 72;
/** Of one check; more would not be told apart. */
const INCIDENTS_SHOWN = 200;

/** The latency of a check, or of one of its targets; undefined when it did not run. */
export async function latencyAnswer(wanted: Wanted, call: Call, desk: Desk): Promise<Drawn | undefined> {
  const {check, days} = wanted;
  const span = {from: Math.floor(call.now) - days * DAY_MS + 1, to: Math.floor(call.now) + 1};
  const limit = limitOf(check.config);
  const columns = await gather(wanted, span, limit.ms, desk);
  const {shown, meanMs, maxMs, ok, failed, inconclusive} = sumOf(columns);
  if (ok + failed + inconclusive === 0) return undefined;
  const words = desk.words.graph;
  const own = desk.words;
  const latency = shown === 0 ? [] : [words.mean(latencyText(meanMs, own), latencyText(maxMs, own))];
  const runs = ok + failed === 0 ? [] : [words.runs(ok, ok + failed, percentText(ok / (ok + failed), own))];
  const look = lookOf(wanted.theme, desk.words, desk.config.timezone);
  const planned = (await desk.plannedWithin(span))(check.config);
  const subtitle = `${desk.server} · ${look.words.last(days)}`;
  const down = wanted.target === undefined ? downOf(check.config.name, span, desk) : [];
  const data = {...span, title: titleOf(wanted), subtitle, columns, limit, down, planned};
  return {
    svg: latencySvg({...data, gapMs: gapOf(wanted)}, look),
    lines: [
      `<b>${escapeHtml(titleOf(wanted))}</b> · ${escapeHtml(desk.server)} · ${escapeHtml(words.span(days))}`,
      ...[...latency, ...runs, words.limit[limit.kind](latencyText(limit.ms, own))].map(escapeHtml),
    ],
    inLetters: [sparkline(fewer(columns, LETTERS).map(asRun))],
  };
}

/** Every run of a day; of more days the five-minute figures, whose columns are as wide as that or wider. */
async function gather(
  {check, target, days}: Wanted,
  {from, to}: Span,
  slowMs: number,
  {history}: Desk,
): Promise<readonly Column[]> {
  const stepMs = Math.ceil((days * DAY_MS) / LATENCY_COLUMNS);
  const subject = {check: check.config.name, ...(target !== undefined && {target})};
  const slots = await history.slots({...subject, from, to, stepMs, slowMs, of: days === 1 ? 'raw' : 'rollups'});
  return columnsOf(slots, {from, stepMs, count: LATENCY_COLUMNS});
}

const SIMPLE_LIMIT = /^\s*latency_ms\s*<=?\s*(\d+(?:\.\d+)?)\s*$/;

/** What `expect` says of the latency in so many words, or else the timeout. */
export function limitOf({options, timeoutMs}: Wanted['check']['config']): {ms: number; kind: 'expect' | 'timeout'} {
  const expect = typeof options === 'object' && options !== null && 'expect' in options ? options.expect : undefined;
  const limits = [expect].flat().flatMap((text) => {
    const [, ms] = (typeof text === 'string' && SIMPLE_LIMIT.exec(text)) || [];
    return ms === undefined ? [] : [Number(ms)];
  });
  return limits.length === 0 ? {ms: timeoutMs, kind: 'timeout'} : {ms: Math.min(...limits), kind: 'expect'};
}

function downOf(name: string, span: Span, {incidents}: Desk): readonly Span[] {
  const past = incidents(name, {limit: INCIDENTS_SHOWN, offset: 0});
  return merged(
    past.map(({openedAt, closedAt}) => ({from: openedAt, to: closedAt ?? span.to})),
    span,
  );
}

/** Three runs that did not come are a gap; a check that runs at set times has only such. */
function gapOf({check, days}: Wanted): number {
  const {at, intervalMs, maxIntervalMs, backoffFactor} = check.config;
  if (at !== undefined) return 2 * DAY_MS;
  return 3 * Math.max(intervalMs, backoffFactor > 1 ? maxIntervalMs : 0, days === 1 ? 0 : ROLLUP_MS);
}

function asRun({shown, meanMs, failed}: Column) {
  const result = failed > 0 ? 'failed' : shown > 0 ? 'ok' : 'inconclusive';
  return {result, latencyMs: meanMs} as const;
}
