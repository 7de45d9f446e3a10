import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {en} from '../../../src/bot/messages/en.ts';
import {es} from '../../../src/bot/messages/es.ts';
import {createFormat} from '../../../src/bot/messages/format.ts';
import {ru} from '../../../src/bot/messages/ru.ts';
import {zh} from '../../../src/bot/messages/zh.ts';
import type {Figures} from '../../../src/bot/pictures/figures.ts';
import {CELLS_MAX, type CellState, gridSvg} from '../../../src/bot/pictures/grid.ts';
import {heatStep, heatSvg} from '../../../src/bot/pictures/heat.ts';
import {hoursByDay} from '../../../src/bot/pictures/hours.ts';
import {type LatencyData, latencySvg} from '../../../src/bot/pictures/latency.ts';
import {lookOf} from '../../../src/bot/pictures/look.ts';
import {drawable, PALETTES, WIDTH, widthOf} from '../../../src/bot/pictures/paint.ts';
import {reportSvg} from '../../../src/bot/pictures/report.ts';
import {START} from '../../support/hand-clock.ts';

const HOUR = 3_600_000;
const LANGUAGES = [en, ru, es, zh];
const NASTY = '<b>&"\'x]]>';
const HEADING = {title: NASTY, subtitle: `${NASTY} ${'very '.repeat(40)}`};

interface Label {
  readonly words: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Checks what holds for every picture, and tells its labels. */
function labelsOf(svg: string): readonly Label[] {
  assert.doesNotMatch(svg, /NaN|undefined|Infinity|null/);
  assert.doesNotMatch(svg, /<b>|]]>/, 'somebody else’s markup');
  const [, width, height] = /^<svg [^>]*width="(\d+)" height="(\d+)"/.exec(svg)?.map(Number) ?? [];
  assert.equal(width, WIDTH);
  assert.ok(height !== undefined && height >= 300 && height <= 1_400, `${height} high`);
  const labels = [...svg.matchAll(/<text x="([-\d.]+)" y="([-\d.]+)" font-size="(\d+)"([^>]*)>(.*?)<\/text>/g)].map(
    ([, x, y, size, rest = '', escaped = '']): Label => {
      const words = escaped.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
      const wide = widthOf(words, Number(size));
      const left = Number(x) - (rest.includes('"end"') ? wide : rest.includes('"middle"') ? wide / 2 : 0);
      return {words, left, right: left + wide, top: Number(y) - Number(size) * 0.75, bottom: Number(y)};
    },
  );
  for (const {words, left, right, top, bottom} of labels) {
    // The widths are rounded up, so that a few pixels beyond the edge are none.
    assert.ok(left >= 0 && right <= WIDTH + 4, `${words} leaves the picture: ${left}–${right}`);
    assert.ok(top >= 0 && bottom <= height, `${words} leaves the picture: ${top}–${bottom} of ${height}`);
    assert.equal(drawable(words), words);
  }
  return labels;
}

/** No two labels on one another. */
function expectApart(labels: readonly Label[]): void {
  for (const [index, one] of labels.entries()) {
    for (const other of labels.slice(index + 1)) {
      const isApart =
        one.right <= other.left + 4 ||
        other.right <= one.left + 4 ||
        one.bottom <= other.top ||
        other.bottom <= one.top;
      assert.ok(isApart, `"${one.words}" lies on "${other.words}"`);
    }
  }
}

for (const words of LANGUAGES) {
  for (const theme of ['light', 'dark'] as const) {
    const look = lookOf(theme, words, 'Europe/Moscow');

    describe(`a picture in ${words.locale}, ${theme}`, () => {
      const empty = {minMs: 0, meanMs: 0, maxMs: 0, shown: 0, ok: 0, failed: 0, inconclusive: 0};
      const good = {...empty, minMs: 1, meanMs: 2, maxMs: 4, shown: 1, ok: 1};
      const bad = {...empty, failed: 1};
      const latency = (changes: Partial<LatencyData>) => {
        const data = {from: START - 24 * HOUR, to: START, columns: [], limit: {ms: 2_000, kind: 'expect'}} as const;
        return latencySvg({...HEADING, ...data, down: [], planned: [], gapMs: 60_000, ...changes}, look);
      };

      test('of latencies has a limit, a legend and its failures, whatever the numbers', () => {
        const span = {from: START - 3 * HOUR, to: START - HOUR};
        const cases: Partial<LatencyData>[] = [
          {columns: [good]},
          {columns: [good, empty, bad, good, good], down: [span], planned: [span]},
          {columns: Array(450).fill({...good, maxMs: 1_999, meanMs: 1_500}), limit: {ms: 2_000, kind: 'timeout'}},
          {columns: Array(450).fill({...good, minMs: 0, meanMs: 0, maxMs: 0})},
          {columns: Array(450).fill({...good, meanMs: 59_000, maxMs: 60_000}), limit: {ms: 5, kind: 'expect'}},
          {columns: Array(450).fill(bad)},
          {columns: [good, bad], from: START - 168 * HOUR},
          {columns: [good, bad], from: START - 720 * HOUR},
        ];
        for (const changes of cases) {
          const labels = labelsOf(latency(changes));
          expectApart(labels);
          const ms = (changes.limit ?? {ms: 2_000}).ms;
          const kind = changes.limit?.kind ?? 'expect';
          const start = look.words.limit[kind]('').trim();
          assert.ok(
            labels.some(({words}) => words.startsWith(start)),
            `no limit of ${ms} ms`,
          );
          const hasFailed = changes.columns?.some(({failed}) => failed > 0);
          assert.equal(
            labels.some(({words}) => words === look.words.failed),
            hasFailed,
          );
        }
      });

      test('of latencies is a line that breaks where nothing ran', () => {
        const pieces = (columns: LatencyData['columns']) => {
          const [, line = ''] =
            /<path d="([^"]*)" stroke="[^"]*" stroke-width="4" stroke-linejoin/.exec(latency({columns})) ?? [];
          return line.split('M').length - 1;
        };
        assert.equal(pieces([good, good, good]), 1);
        assert.equal(pieces([good, ...Array(30).fill(empty), good, good]), 2);
      });

      test('of hours tells days, hours and shares apart, for a week and for a month', () => {
        for (const days of [1, 7, 30]) {
          const from = START - days * 24 * HOUR;
          const slots = Array.from({length: days * 24}, (_, index) => ({
            at: from + index * HOUR,
            ok: 100 - (index % 60),
            failed: index % 60,
          }));
          const planned = [{from: from + 5 * HOUR, to: from + 9 * HOUR}];
          const map = hoursByDay(slots, planned, {from, to: START}, look.zone);
          const labels = labelsOf(heatSvg({...HEADING, days: map}, look));
          expectApart(labels);
          for (const wanted of ['00', '21', look.words.planned]) assert.ok(labels.some(({words}) => words === wanted));
        }
      });

      test('of targets has a cell for each, down to a size that can be seen, and a list of those that are down', () => {
        const states: readonly CellState[] = ['good', 'bad', 'shaky', 'unknown'];
        for (const count of [1, 2, 7, 17, 32, 33, 400, CELLS_MAX, 25_000]) {
          const targets = Array.from({length: count}, (_, index) => ({
            name: index === 1 ? `${NASTY} ${'long '.repeat(30)}` : `till ${index}`,
            state: states[index % 37] ?? ('good' as const),
          }));
          const svg = gridSvg({...HEADING, targets}, look);
          expectApart(labelsOf(svg));
          const cells = svg.match(/h[\d.]+v[\d.]+h-[\d.]+z/g)?.length ?? 0;
          const legend = Math.min(4, count);
          const per = Math.ceil(count / CELLS_MAX);
          assert.equal(cells - legend, Math.ceil(count / per), `${count} targets`);
          const small = Math.min(...[...svg.matchAll(/h([\d.]+)v/g)].map(([, side]) => Number(side)));
          assert.ok(small >= 5, `cells of ${small} pixels`);
        }
      });

      test('of a report has its figures, also where there are none', () => {
        const known: Figures = {
          check: 'a'.repeat(64),
          availability: 0.12345,
          incidents: 12_345,
          longestMs: 99 * 24 * HOUR,
          acknowledgeMs: 123_456_789,
          recoverMs: 86_399_000,
        };
        const unknown: Figures = {
          check: 'new',
          availability: undefined,
          incidents: 0,
          longestMs: 0,
          acknowledgeMs: undefined,
          recoverMs: undefined,
        };
        const format = createFormat({...words, locale: look.locale}, 'UTC');
        for (const checks of [[], [known], [unknown], [...Array(15).fill(known), unknown]]) {
          const labels = labelsOf(reportSvg({...HEADING, checks, all: checks[0] ?? unknown}, look, format));
          expectApart(labels);
          for (const label of ['available', 'incidents', 'acknowledge', 'recover'] as const) {
            assert.ok(
              labels.some(({words}) => words === look.words[label]),
              `${look.words[label]} is cut`,
            );
          }
        }
      });
    });
  }
}

test('an hour is in the best step only when every run was good, and in none when none ran', () => {
  const step = (ok: number, failed: number) => heatStep({ok, failed});
  assert.deepEqual(
    [step(60, 0), step(999, 1), step(95, 5), step(94, 6), step(1, 1), step(0, 0)],
    [0, 1, 2, 3, 4, undefined],
  );
});

test('what is written on a colour can be read, and good and bad differ in lightness', () => {
  for (const palette of Object.values(PALETTES)) {
    const pairs = [
      [palette.ink, palette.paper],
      [palette.faint, palette.paper],
      [palette.bad, palette.paper],
      [palette.line, palette.paper],
      [palette.onGood, palette.good],
      [palette.onBad, palette.bad],
      [palette.onWarn, palette.warn],
      ...palette.heat.map((colour, step) => [palette.onHeat[step] ?? '', colour] as const),
    ] as const;
    // 4.5 is what WCAG 2 asks for text, and 3 for large text and for shapes.
    for (const [ink, ground] of pairs)
      assert.ok(contrast(ink, ground) >= 4.4, `${ink} on ${ground}: ${contrast(ink, ground)}`);
    assert.ok(contrast(palette.good, palette.bad) >= 2.5, `${palette.good} beside ${palette.bad}`);
    const steps = palette.heat.map(luminance);
    const sorted = steps.toSorted((a, b) => a - b);
    assert.ok(
      [sorted, sorted.toReversed()].some((order) => String(order) === String(steps)),
      'steps of one direction',
    );
  }
});

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
