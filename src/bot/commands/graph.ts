import type {CheckView} from '../../state/view.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Theme} from '../pictures/paint.ts';
import type {Answer, AnswerButton, Call, Command, Desk} from './command.ts';
import {heatAnswer} from './graph-heat.ts';
import {latencyAnswer} from './graph-latency.ts';
import {pickCheck, usageOf} from './names.ts';

const graph: Command = {
  name: 'graph',
  role: 'viewer',
  usage: 'NAME [24h|7d|30d] [heat] [light|dark]',
  example: 'NAME 7d',
  summary: (words) => words.help.graph,
  run: (call, desk) => {
    const [name = '', ...options] = call.text.split(/\s+/);
    const picked = pickCheck(graph, {name, rest: options.join(' ')}, desk.view(), {call, desk});
    if ('answer' in picked) return picked.answer;
    const wanted = parseOptions(options, picked.check, desk.config.pictures);
    return wanted ? {lines: [], later: () => answer(wanted, call, desk)} : usageOf(graph, desk);
  },
};
export default graph;

/** What is to be drawn. */
export interface Wanted {
  readonly check: CheckView;
  /** Of a check with targets: the one that is meant. */
  readonly target?: string;
  readonly days: number;
  readonly isHeat: boolean;
  readonly theme: Theme;
}

const SPANS: Readonly<Record<string, number>> = {'24h': 1, '7d': 7, '30d': 30};
/** A map of one day would be one row. */
const HEAT_DAYS_MIN = 7;

/** In any order; undefined when one of them is none. */
export function parseOptions(options: readonly string[], check: CheckView, theme: Theme): Wanted | undefined {
  let wanted: Wanted = {check, days: 0, isHeat: false, theme};
  for (const option of options) {
    const target = check.config.targets.find(({address, label}) => address === option || label === option);
    const days = SPANS[option];
    if (target) wanted = {...wanted, target: target.address};
    else if (days !== undefined) wanted = {...wanted, days};
    else if (option === 'heat') wanted = {...wanted, isHeat: true};
    else if (option === 'light' || option === 'dark') wanted = {...wanted, theme: option};
    else return undefined;
  }
  // All targets together have no latency, but they were well or not.
  const isHeat = wanted.isHeat || (check.config.targets.length > 0 && wanted.target === undefined);
  const days = wanted.days === 0 ? (isHeat ? HEAT_DAYS_MIN : 1) : wanted.days;
  return {...wanted, isHeat, days: isHeat ? Math.max(HEAT_DAYS_MIN, days) : days};
}

/** The same words everywhere: with the picture as its caption, without it by themselves. */
export interface Drawn {
  readonly svg: string;
  readonly lines: readonly string[];
  /** The picture in letters, for a console. */
  readonly inLetters: readonly string[];
}

async function answer(wanted: Wanted, call: Call, desk: Desk): Promise<Answer> {
  const drawn = await (wanted.isHeat ? heatAnswer(wanted, call, desk) : latencyAnswer(wanted, call, desk));
  const {name} = wanted.check.config;
  if (!drawn) return {lines: [escapeHtml(desk.words.graph.noData(titleOf(wanted)))]};
  return withPicture(drawn, `${name}.png`, {call, desk, buttons: buttons(wanted, desk)});
}

/** What is drawn, by its name; `config.yaml` and address lists set no limit to an address. */
export function titleOf({check, target}: Wanted): string {
  return target === undefined ? check.config.name : `${check.config.name} ${clip(target, 60)}`;
}

/** Telegram's limit for the text below a picture. */
const CAPTION_UNITS_MAX = 1_024;

/** The picture with its words; the words alone where there is nowhere to show it, or where it could not be drawn. */
export async function withPicture(
  {svg, lines, inLetters}: Drawn,
  name: string,
  {call, desk, buttons}: {readonly call: Call; readonly desk: Desk; readonly buttons: Answer['buttons']},
): Promise<Answer> {
  if (call.chatId === undefined) return {lines: [...lines, ...inLetters]};
  const base64 = await desk.paint(svg);
  const more = buttons ? {buttons} : {};
  if (base64 === undefined) return {lines: [...lines, ...inLetters, escapeHtml(desk.words.graph.notDrawn)], ...more};
  const file = {name: name.replace(/[^\w.-]/g, '_'), as: 'photo', base64} as const;
  return {lines: captionOf(lines), file, ...more};
}

/** As many of the lines as a caption takes. Their markup is counted too, so that what is sent surely fits. */
function captionOf(lines: readonly string[]): readonly string[] {
  let left = CAPTION_UNITS_MAX;
  return lines.filter((line) => {
    left -= line.length + 1;
    return left >= 0;
  });
}

/** Before the label of a button that brings a map or a grid. */
export const MAP_MARK = '▦';

/** The other spans, and the other kind. */
function buttons({check, target, theme}: Wanted, {words, config}: Desk): AnswerButton[][] {
  const own = theme === config.pictures ? [] : [theme];
  const to = (label: string, ...options: string[]): AnswerButton => ({
    label,
    press: ['graph', check.config.name, ...(target === undefined ? [] : [target]), ...options, ...own].join(' '),
    show: 'below',
  });
  const isWhole = check.config.targets.length > 0 && target === undefined;
  const {span} = words.graph;
  const lines = Object.entries(SPANS).map(([option, days]) => to(span(days), option));
  const maps = [7, 30].map((days) => to(`${MAP_MARK} ${span(days)}`, 'heat', `${days}d`));
  const isPressable = target === undefined || !/\s/.test(target);
  return isPressable ? [...(isWhole ? [] : [lines]), maps] : [];
}
