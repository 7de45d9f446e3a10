import type {CheckView} from '../../state/view.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {findChecks} from './names.ts';

const status: Command = {
  name: 'status',
  role: 'viewer',
  usage: '[NAME]',
  summary: (words) => words.help.status,
  run: (call, desk) => (call.text === '' ? overview(call, desk) : detail(call, desk)),
};
export default status;

/** Beyond this many checks that are fine, only the number of the rest is told. */
const FINE_LISTED_MAX = 30;

function overview(call: Call, desk: Desk): Answer {
  const {words} = desk;
  const all = desk.view();
  const down = all.filter(({state}) => !state.status);
  const fine = all.filter(({state}) => state.status);
  const title =
    down.length === 0
      ? `✅ ${words.status.allWell(all.length)}`
      : `🔴 ${words.status.problems(down.length, all.length)}`;
  const left = fine.length - FINE_LISTED_MAX;
  return {
    lines: [
      `<b>${title}</b> · ${escapeHtml(desk.server)}`,
      ...trouble(call, desk),
      ...down.map((check) => line(check, call, desk)),
      ...fine.slice(0, FINE_LISTED_MAX).map((check) => line(check, call, desk)),
      ...(left > 0 ? [words.status.more(left)] : []),
    ],
  };
}

function detail(call: Call, desk: Desk): Answer {
  const found = findChecks(call.text, desk.view());
  if (found.length === 0) return {lines: [escapeHtml(desk.words.status.noCheck(clip(call.text, 60)))]};
  return {lines: found.flatMap((check) => [line(check, call, desk), ...comment(check)])};
}

function comment({config}: CheckView): string[] {
  return config.comment === undefined ? [] : [`💬 ${escapeHtml(clip(config.comment, 500))}`];
}

/** What keeps messages from people: they must learn it here, since a message would not reach them. */
function trouble(call: Call, desk: Desk): string[] {
  const {words, format} = desk;
  const {rows, oldestAt} = desk.backlog();
  const late = oldestAt !== undefined && call.now - oldestAt > 10_000;
  return [
    ...(late ? [`⏳ ${words.status.undelivered(rows, format.duration(call.now - oldestAt))}`] : []),
    ...desk.deadChannels().map(({channel, error}) => `🔇 ${escapeHtml(words.status.deadChannel(channel, error))}`),
  ];
}

function line({config, state, incident, spell}: CheckView, call: Call, desk: Desk): string {
  const {words, format} = desk;
  const name = `<b>${escapeHtml(config.name)}</b>`;
  if (!state.known) return `⚪️ ${name} · ${words.status.unknown}`;
  const targets = config.targets.length;
  const counter = state.counters.get('');
  const ok = words.status.okTargets(targets - state.falseTargets, targets);
  if (!state.status) {
    const reason =
      targets > 0
        ? words.status.downTargets(state.falseTargets, targets)
        : escapeHtml(clip(counter?.lastReason ?? '', 200));
    const by = incident?.acknowledged ? ` · 👤 ${escapeHtml(incident.acknowledged.by.name)}` : '';
    const since = words.card.sinceTime(format.time(state.since, call.now));
    const held = incident?.held === undefined ? '' : ` · 🔕 ${words.status.held[incident.held]}`;
    return `${incident?.acknowledged ? '🟠' : '🔴'} ${name} · ${reason} · ${since}${by}${held}`;
  }
  if (spell) return `〰️ ${name} · ${words.status.flapping}`;
  if (targets > 0) return `🟢 ${name} · ${ok}`;
  if (counter?.lastResult === 'inconclusive') return `⚪️ ${name} · ${words.status.inconclusive}`;
  if (!counter || counter.errors === 0) return `🟢 ${name} · ${Math.round(counter?.lastLatencyMs ?? 0)} ms`;
  const soft = words.status.soft(counter.errors, config.failAfter);
  return `🟡 ${name} · ${soft}: ${escapeHtml(clip(counter.lastReason, 200))}`;
}
