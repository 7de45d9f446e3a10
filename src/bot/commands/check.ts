import {selectorText} from '../../state/silences.ts';
import type {CheckView} from '../../state/view.ts';
import {mayDo} from '../access.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import {acked} from '../messages/render.ts';
import type {Answer, AnswerButton, Call, Command, Desk} from './command.ts';
import {markOf} from './lines.ts';
import {pickCheck} from './names.ts';
import {endText} from './quiet.ts';
import {parseSpan} from './span.ts';
import {sparkline} from './sparkline.ts';

const check: Command = {
  name: 'check',
  role: 'viewer',
  usage: 'NAME',
  example: 'NAME',
  summary: (words) => words.help.check,
  run: (call, desk) => {
    const picked = pickCheck(check, {name: call.text}, desk.view(), {call, desk});
    if ('answer' in picked) return picked.answer;
    return {lines: [], later: () => detail(picked.check, call, desk)};
  },
};
export default check;

/** So many runs are looked at, newest first, … */
const RUNS_SHOWN = 24;
/** … and no farther back than this, however rarely the check runs. */
const SPARK_MS_MAX = 30 * 24 * 3_600_000;
const COMMENT_UNITS_MAX = 500;

/** Everything about one check on one screen, with what can be done about it. */
async function detail(view: CheckView, call: Call, desk: Desk): Promise<Answer> {
  const {config} = view;
  const lines = [
    `${markOf(view)} <b>${escapeHtml(config.name)}</b> · ${escapeHtml(desk.server)}`,
    ...stateLines(view, call, desk),
    ...(await latencyLine(view, call, desk)),
    ...(config.comment === undefined ? [] : [`💬 ${escapeHtml(clip(config.comment, COMMENT_UNITS_MAX))}`]),
  ];
  const rows = [...orders(view, call, desk), questions(config.name, desk)];
  return {lines, buttons: rows.filter((row) => row.length > 0)};
}

function stateLines({config, state, incident}: CheckView, call: Call, desk: Desk): string[] {
  const {words, format, silences} = desk;
  if (!state.known) return [words.status.unknown];
  const counter = state.counters.get('');
  const inTags = {...format, time: format.moment};
  const since = format.moment(state.since, call.now);
  const own = silences().filter(({what}) => what.kind === 'check' && what.name === config.name);
  return [
    `${state.status ? words.why.fineSince(since) : words.why.downSince(since)} (${words.detail.for(format.duration(call.now - state.since))})`,
    ...(config.targets.length > 0 ? [words.status.downTargets(state.falseTargets, config.targets.length)] : []),
    ...(counter && state.status && counter.errors > 0 ? [words.status.soft(counter.errors, config.failAfter)] : []),
    ...(counter
      ? [
          words.why.lastRun(
            counter.lastResult,
            format.moment(counter.lastAt, call.now),
            escapeHtml(clip(counter.lastReason, 300)),
          ),
        ]
      : []),
    ...(incident ? acked(incident, {words, format}, call.now) : []),
    ...own.map(({until}) => `🔕 ${words.detail.silenced(endText(until, call, {words, format: inTags}))}`),
  ];
}

/** Of a check without targets: those of one with many are too many for a line. */
async function latencyLine({config}: CheckView, call: Call, desk: Desk): Promise<string[]> {
  if (config.targets.length > 0) return [];
  const span =
    config.at === undefined ? 2 * RUNS_SHOWN * Math.max(config.intervalMs, config.maxIntervalMs) : SPARK_MS_MAX;
  const from = call.now - Math.min(SPARK_MS_MAX, span);
  const rows = await desk.history.raw({check: config.name, from, to: call.now + 1});
  const shown = rows.slice(-RUNS_SHOWN);
  const good = shown.filter(({result}) => result === 'ok');
  if (good.length === 0) return [];
  const mean = good.reduce((sum, {latencyMs}) => sum + latencyMs, 0) / good.length;
  const last = good.at(-1)?.latencyMs ?? mean;
  const line = `<code>${sparkline(shown)}</code>`;
  return [desk.words.detail.latency(line, desk.format.latency(last), desk.format.latency(mean))];
}

function orders({config, incident}: CheckView, call: Call, desk: Desk): AnswerButton[][] {
  if (!mayDo(call.role, 'operator')) return [];
  const {name} = config;
  const words = desk.words.detail;
  const order = (label: string, press: string): AnswerButton => ({label, press, refresh: `check ${name}`});
  const own = desk.silences().filter(({what}) => what.kind === 'check' && what.name === name);
  const ack = incident?.acknowledged ? order(words.takeBack, `unack ${name}`) : order(words.acknowledge, `ack ${name}`);
  const [silence] = own;
  // It is asked back, below.
  const recovery: AnswerButton = {label: words.recover, press: `recover ${name}`, show: 'below'};
  const quiet = [
    ['1h', '4h'].map((span) =>
      order(words.silence(desk.format.duration(parseSpan(span) ?? 0)), `silence ${name} ${span}`),
    ),
    [
      order(words.untilMorning, `silence ${name} until morning`),
      ...(incident ? [order(words.untilRecovered, `silence ${name} until recovered`)] : []),
    ],
  ];
  return [
    [order(words.checkNow, `run ${name}`), ...(incident ? [ack] : [])],
    ...(mayDo(call.role, 'admin') && incident && config.recovery ? [[recovery]] : []),
    ...(silence ? [[order(words.endSilence, `unsilence ${selectorText(silence.what)}`)]] : quiet),
  ];
}

/** Only those whose commands this program has. */
function questions(name: string, {words, commands}: Desk): AnswerButton[] {
  const wanted = [
    {command: 'history', label: words.detail.history, show: 'here'},
    {command: 'graph', label: words.detail.graph, show: 'below'},
  ] as const;
  return wanted
    .filter(({command}) => commands.some((known) => known.name === command))
    .map(({command, label, show}) => ({label, press: `${command} ${name}`, show}));
}
