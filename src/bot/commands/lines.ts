import type {CheckView} from '../../state/view.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Reader} from '../messages/render.ts';
import type {Call, Desk} from './command.ts';

const REASON_UNITS_MAX = 200;

/** Whether people should look at it: it is down, begins to fail, or flaps. */
export function isTrouble({state, spell}: CheckView): boolean {
  return !state.status || spell !== undefined || hasSoftFailures({state});
}

function hasSoftFailures({state}: Pick<CheckView, 'state'>): boolean {
  const counter = state.counters.get('');
  return state.falseTargets > 0 || (counter !== undefined && counter.errors > 0);
}

/** What is down first, then what else needs a look, each in the order of the configuration. */
export function byUrgency(checks: readonly CheckView[]): readonly CheckView[] {
  const down = checks.filter(({state}) => !state.status);
  const shaky = checks.filter((check) => check.state.status && isTrouble(check));
  return [...down, ...shaky, ...checks.filter((check) => !isTrouble(check))];
}

/** The colour of its light. */
export function markOf({config, state, incident, spell}: CheckView): string {
  if (!state.known) return '⚪️';
  if (!state.status) return incident?.acknowledged ? '🟠' : '🔴';
  if (spell) return '〰️';
  if (config.targets.length === 0 && state.counters.get('')?.lastResult === 'inconclusive') return '⚪️';
  return hasSoftFailures({state}) ? '🟡' : '🟢';
}

/** How the line is written. */
export type LineStyle = Pick<Desk, 'words' | 'format'> & Pick<Reader, 'link'>;

/** One check in one line of HTML. */
export function checkLine(check: CheckView, call: Pick<Call, 'now'>, desk: LineStyle): string {
  const name = `<b>${escapeHtml(check.config.name)}</b>`;
  const url = check.incident && desk.link?.(check.incident);
  return `${markOf(check)} ${url === undefined ? name : `<a href="${url}">${name}</a>`} · ${aboutIt(check, call, desk)}`;
}

function aboutIt(check: CheckView, call: Pick<Call, 'now'>, desk: LineStyle): string {
  const {config, state, spell} = check;
  const {words} = desk;
  if (!state.known) return words.status.unknown;
  if (!state.status) return aboutDown(check, call, desk);
  if (spell) return words.status.flapping;
  const targets = config.targets.length;
  if (targets > 0) return words.status.okTargets(targets - state.falseTargets, targets);
  const counter = state.counters.get('');
  if (counter?.lastResult === 'inconclusive') return words.status.inconclusive;
  if (!counter || counter.errors === 0) return desk.format.latency(counter?.lastLatencyMs ?? 0);
  const soft = words.status.soft(counter.errors, config.failAfter);
  return `${soft}: ${escapeHtml(clip(counter.lastReason, REASON_UNITS_MAX))}`;
}

function aboutDown({config, state, incident}: CheckView, call: Pick<Call, 'now'>, {words, format}: LineStyle): string {
  const targets = config.targets.length;
  const reason =
    targets > 0
      ? words.status.downTargets(state.falseTargets, targets)
      : escapeHtml(clip(state.counters.get('')?.lastReason ?? '', REASON_UNITS_MAX));
  const by = incident?.acknowledged ? ` · 👤 ${escapeHtml(incident.acknowledged.by.name)}` : '';
  const since = words.card.sinceTime(format.moment(state.since, call.now));
  const held = incident?.held === undefined ? '' : ` · 🔕 ${words.status.held[incident.held]}`;
  return `${reason} · ${since}${by}${held}`;
}
