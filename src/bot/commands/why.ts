import type {Explanation} from '../../state/explain.ts';
import {changePercent} from '../../state/flapping.ts';
import {restMs} from '../../state/recovery.ts';
import {selectorText} from '../../state/silences.ts';
import type {CheckView} from '../../state/view.ts';
import {acknowledged} from '../messages/acknowledged.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {pickCheck} from './names.ts';
import {endText} from './quiet.ts';

/** Why people hear of a check, or do not: the words are those of the log and of `simulate`. */
const why: Command = {
  name: 'why',
  role: 'viewer',
  usage: 'NAME',
  example: 'NAME',
  summary: (words) => words.help.why,
  run: (call, desk) => {
    const picked = pickCheck(why, {name: call.text}, desk.view(), {call, desk});
    return 'check' in picked ? explained(picked.check, call, desk) : picked.answer;
  },
};
export default why;

const REASON_UNITS_MAX = 300;
/** Silences, parents and channels that are listed; nobody reads more of them on a phone. */
const LISTED_MAX = 10;

function explained(check: CheckView, call: Call, desk: Desk): Answer {
  const about = desk.explain(check.config.name, call.now);
  const lines = [
    ...statusLines(check, call, desk),
    ...(about ? ruleLines(about, call, desk) : []),
    ...flappingLines(check, call, desk),
    ...recoveryLines(check, call, desk),
    ...decisionLines(check, about, call, desk),
    ...(about ? about.to.slice(0, LISTED_MAX).map((channel) => channelLine(channel, call, desk)) : []),
  ];
  return {lines: [`<b>${escapeHtml(check.config.name)}</b> · ${escapeHtml(desk.server)}`, ...lines.map(escapeHtml)]};
}

/** Plain text, as all that follows. */
function statusLines({config, state, incident}: CheckView, call: Call, {words, format}: Desk): string[] {
  const since = format.time(state.since, call.now);
  if (!state.known) return [words.status.unknown];
  const counter = state.counters.get('');
  const targets = config.targets.length;
  return [
    state.status ? words.why.fineSince(since) : words.why.downSince(since),
    ...(targets > 0 ? [words.status.downTargets(state.falseTargets, targets)] : []),
    ...(counter ? [words.why.counter(counter.errors, config.failAfter, counter.successes, config.recoverAfter)] : []),
    ...(counter
      ? [
          words.why.lastRun(
            counter.lastResult,
            format.time(counter.lastAt, call.now),
            clip(counter.lastReason, REASON_UNITS_MAX),
          ),
        ]
      : []),
    ...(incident && incident.reason !== counter?.lastReason
      ? [words.why.brokeWith(clip(incident.reason, REASON_UNITS_MAX))]
      : []),
    ...(incident
      ? acknowledged(incident, words, {time: (at) => format.time(at, call.now), text: (typed) => typed})
      : []),
  ];
}

function ruleLines(about: Explanation, call: Call, desk: Desk): string[] {
  const {words, format} = desk;
  const {window, planned, silences, parents} = about;
  const end = (until: number | null) =>
    until === null ? words.why.noEnd : words.why.until(format.time(until, call.now));
  const quiet = silences.slice(0, LISTED_MAX).map(({kind, what, until, by, why: reason}) => {
    return words.why.silence(words.silence.kind[kind], selectorText(what), endText(until, call, desk), by.name, reason);
  });
  const shown = parents.slice(0, LISTED_MAX).map(({name, isDown}) => words.why.parent(name, isDown));
  return [
    window ? words.why.window(window.name, window.open, end(window.until)) : words.why.noWindow,
    ...(planned ? [words.why.planned(end(planned.until))] : []),
    ...quiet,
    ...(shown.length > 0 ? [words.why.parents(shown.join(', '))] : []),
  ];
}

function flappingLines({config, state, spell}: CheckView, call: Call, {words, format}: Desk): string[] {
  if (!config.flapping) return [];
  const since = spell && format.time(spell.since, call.now);
  return [words.why.changing(Math.round(changePercent(state.flap.changes)), since)];
}

function recoveryLines({config, recovery}: CheckView, call: Call, {words, format}: Desk): string[] {
  if (!config.recovery) return [];
  const {attempts = 0, restsFrom, waits} = recovery ?? {};
  const next = restsFrom === undefined ? 0 : restsFrom + restMs(config.recovery, attempts);
  return [
    words.why.recovery(attempts, config.recovery.maxAttempts),
    ...(waits ? [words.attempt.waits[waits]] : []),
    ...(waits === undefined && next > call.now ? [words.why.recoveryRests(format.time(next, call.now))] : []),
  ];
}

function decisionLines(
  {verdict}: CheckView,
  about: Explanation | undefined,
  call: Call,
  {words, format}: Desk,
): string[] {
  const time = (at: number) => format.time(at, call.now);
  const {hold, reminderAt, escalation} = about ?? {};
  return [
    verdict ? words.why.decided(verdict.decision, verdict.reason, time(verdict.at)) : words.why.undecided,
    ...(hold ? [words.why.wouldHold(hold.reason, hold.until === undefined ? undefined : time(hold.until))] : []),
    ...(reminderAt === undefined ? [] : [words.why.reminder(time(reminderAt))]),
    ...(escalation ? [words.why.escalation(time(escalation.at), recipients(escalation))] : []),
  ];
}

function recipients({to, people}: NonNullable<Explanation['escalation']>): string {
  return [...to, ...people.map(({name}) => `📟 ${name}`)].join(', ');
}

function channelLine(channel: string, call: Call, desk: Desk): string {
  const {words, format} = desk;
  const {rows, oldestAt} = desk.backlog(channel);
  const dead = desk.deadChannels().find((other) => other.channel === channel);
  if (dead) return words.status.deadChannel(channel, clip(dead.error, REASON_UNITS_MAX));
  if (rows === 0) return words.why.delivered(channel);
  return `${channel}: ${words.status.undelivered(rows, format.duration(call.now - (oldestAt ?? call.now)))}`;
}
