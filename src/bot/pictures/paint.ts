/** Light or dark: Telegram does not tell a bot which one the reader's app has. */
export type Theme = 'light' | 'dark';

/** Every picture is this wide: Telegram keeps 1280 at most, and a phone shows it at a third of this or so. */
export const WIDTH = 1_080;
export const MARGIN = 40;
/** Sizes of type. The smallest is 9 pixels high on a phone that is 360 wide. */
export const TYPE = {title: 46, text: 31, small: 27} as const;

/** Good is told from bad by lightness, not by hue alone, so that the colour-blind see it too; shapes come to it. */
export const PALETTES = {
  light: {
    paper: '#ffffff',
    ink: '#15222e',
    faint: '#566573',
    grid: '#dfe5ea',
    line: '#0a62b8',
    good: '#a9d8c6',
    onGood: '#15222e',
    bad: '#b5301a',
    onBad: '#ffffff',
    warn: '#f2a33c',
    onWarn: '#15222e',
    planned: '#c3ccd4',
    /** From all well to the worst. */
    heat: ['#d3ede2', '#fbe3a4', '#f3a65a', '#c8471f', '#7d1a0e'],
    onHeat: ['#15222e', '#15222e', '#15222e', '#ffffff', '#ffffff'],
  },
  dark: {
    paper: '#17212b',
    ink: '#f3f6f8',
    faint: '#a9b7c3',
    grid: '#2f3e4c',
    line: '#6db8ff',
    good: '#2a6b59',
    onGood: '#f3f6f8',
    bad: '#ff8a6b',
    onBad: '#17212b',
    warn: '#d99a35',
    onWarn: '#17212b',
    planned: '#4a5a68',
    heat: ['#215044', '#6f5a1f', '#b7782b', '#f08b5c', '#ffd2c2'],
    onHeat: ['#f3f6f8', '#f3f6f8', '#17212b', '#17212b', '#17212b'],
  },
} as const;

export type Palette = (typeof PALETTES)[Theme];

/** A whole picture. `title` is a check's name, say; both lines are cut where they would leave the picture. */
export function sheet(
  palette: Palette,
  {title, subtitle, height}: {readonly title: string; readonly subtitle: string; readonly height: number},
  body: readonly string[],
): string {
  const wide = WIDTH - 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="Noto Sans">`,
    `<rect width="${WIDTH}" height="${height}" fill="${palette.paper}"/>`,
    text(fit(title, wide, TYPE.title), {x: MARGIN, y: 70, size: TYPE.title, fill: palette.ink, bold: true}),
    text(fit(subtitle, wide, TYPE.text), {x: MARGIN, y: 118, size: TYPE.text, fill: palette.faint}),
    ...body,
    '</svg>',
  ].join('\n');
}

/** Where the heading ends and the picture proper begins. */
export const BODY_TOP = 150;

export interface TextStyle {
  readonly x: number;
  /** Of the line on which the letters stand. */
  readonly y: number;
  readonly fill: string;
  readonly size?: number;
  readonly bold?: boolean;
  readonly anchor?: 'start' | 'middle' | 'end';
}

export function text(
  words: string,
  {x, y, fill, size = TYPE.small, bold = false, anchor = 'start'}: TextStyle,
): string {
  const weight = bold ? ' font-weight="600"' : '';
  const side = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  return `<text x="${px(x)}" y="${px(y)}" font-size="${size}" fill="${fill}"${weight}${side}>${escapeXml(drawable(words))}</text>`;
}

/** A path of many pieces is drawn far faster than many shapes. */
export function path(pieces: readonly string[], look: string): string {
  return pieces.length === 0 ? '' : `<path d="${pieces.join('')}" ${look}/>`;
}

export function box(x: number, y: number, width: number, height: number): string {
  return `M${px(x)} ${px(y)}h${px(width)}v${px(height)}h${px(-width)}z`;
}

/** Two strokes around a middle. */
export function cross(x: number, y: number, arm: number): string {
  return `M${px(x - arm)} ${px(y - arm)}l${px(2 * arm)} ${px(2 * arm)}M${px(x - arm)} ${px(y + arm)}l${px(2 * arm)} ${px(-2 * arm)}`;
}

/** Tenths of a pixel are more than anybody sees. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Widths in shares of the size, rounded up from Noto Sans; semi-bold is a twentieth wider. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[ijl.,:;'|!·]/, 0.29],
  [/[ frtI()[\]/-]/, 0.41],
  [/[mwMWQ@%ЖШЩЫЮМФжшщыюмф…№]/, 0.95],
  [/[0-9a-z_#+]/, 0.61],
  [/[а-яё]/, 0.62],
];
const WIDTH_OF_OTHERS = 0.74;

/** How wide a text may become, in pixels. */
export function widthOf(words: string, size: number): number {
  return [...words].reduce((sum, letter) => sum + letterWidth(letter), 0) * size;
}

function letterWidth(letter: string): number {
  return WIDTHS.find(([letters]) => letters.test(letter))?.[1] ?? WIDTH_OF_OTHERS;
}

/** As much of the text as surely fits into so many pixels. */
export function fit(words: string, width: number, size: number): string {
  if (widthOf(words, size) <= width) return words;
  let kept = '';
  for (const letter of words) {
    if (widthOf(`${kept}${letter}…`, size) > width) break;
    kept += letter;
  }
  return `${kept}…`;
}

/** What the bundled font has (a test compares it with the font); Chinese and emoji, for example, it has not. */
const DRAWN =
  /^[\u0020-\u007e\u00a0-\u024f\u0386-\u038a\u038e-\u03a1\u03a3-\u03e1\u0400-\u04ff\u2010-\u2015\u2018-\u201e\u2022\u2026\u202f\u2030\u2039\u203a\u20ac\u20bd\u2116\u2122\u2212]$/u;
const MISSING = '?';

/** The text with `?` for every letter that would be an empty box. */
export function drawable(words: string): string {
  return [...words.normalize('NFC')].map((letter) => (DRAWN.test(letter) ? letter : MISSING)).join('');
}

function escapeXml(words: string): string {
  return words.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
