/** What a plugin printed, read by the monitoring-plugins guidelines. */
export interface PluginOutput {
  /** The first line, without its performance data. */
  readonly text: string;
  readonly perfdata: readonly Perfdatum[];
}

export interface Perfdatum {
  /** As printed, without its quotes. */
  readonly label: string;
  /** The number as printed; its unit is not applied. */
  readonly value: number;
  readonly unit: string;
}

/** A plugin that prints more (one per interface of a large switch, say) is cut here, in the order of its output. */
const PERFDATA_MAX = 200;
const LABEL_CHARS_MAX = 64;
/** The guidelines name s, ms, us, %, B, KB, MB, TB and c; others that plugins print (GB, ns) are read likewise. */
const VALUE = /^(-?(?:\d+(?:\.\d*)?|\.\d+))([A-Za-z%]{0,6})$/;

/**
 * Splits `TEXT | perfdata`, then lines of long text, then, from the next bar on, perfdata to the end. What is no perfdata
 * (a decimal comma, `inf`, `U`, nothing) is skipped, and the rest kept.
 */
export function parseOutput(output: string): PluginOutput {
  const [first = '', ...lines] = output.split(/\r?\n/);
  const [text, perf] = cut(first);
  const [, more] = cut(lines.join('\n'));
  return {text: text.trim(), perfdata: parsePerfdata(`${perf} ${more}`)};
}

/**
 * The name of a value in the history: of a label, letters, digits, `_`, `.`, `-`, `/`, `:` and `%` stay, everything else
 * becomes `_`, and 64 characters are kept.
 */
export function valueName(label: string): string {
  return label.replaceAll(/[^\p{L}\p{N}_.\-/:%]+/gu, '_').slice(0, LABEL_CHARS_MAX);
}

function parsePerfdata(text: string): Perfdatum[] {
  const found: Perfdatum[] = [];
  const item = /'((?:[^']|'')*)'=(\S*)|([^\s=']+)=(\S*)|\S+/g;
  for (const [, quoted, after, plain, value] of text.matchAll(item)) {
    const label = (quoted?.replaceAll("''", "'") ?? plain ?? '').trim();
    const [, number, unit = ''] = VALUE.exec((after ?? value ?? '').split(';', 1)[0] ?? '') ?? [];
    if (label === '' || label.includes('=') || number === undefined) continue;
    found.push({label, value: Number(number), unit});
    if (found.length === PERFDATA_MAX) break;
  }
  return found;
}

function cut(text: string): readonly [string, string] {
  const bar = text.indexOf('|');
  return bar < 0 ? [text, ''] : [text.slice(0, bar), text.slice(bar + 1)];
}
