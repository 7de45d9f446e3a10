import type {CheckView} from '../../state/view.ts';
import {byUrgency, checkLine, isTrouble} from '../commands/lines.ts';
import {deadLines, groupLines, title} from '../commands/status.ts';
import {escapeHtml, fitLines} from '../messages/html.ts';
import {inReadersZone} from '../messages/moments.ts';
import type {Reader} from '../messages/render.ts';

/** One screen of a phone; the groups come below. */
const TROUBLE_LISTED_MAX = 20;

/**
 * How everything is, problems first. Nothing in it changes with time or with a latency, so that a board is edited for news
 * only.
 */
export function boardText(
  checks: readonly CheckView[],
  given: Reader,
  {now, dead}: {readonly now: number; readonly dead: Parameters<typeof deadLines>[0]},
): string {
  const reader = {...given, format: inReadersZone(given.format)};
  const {words, format, server} = reader;
  const trouble = byUrgency(checks.filter(isTrouble));
  const left = trouble.length - TROUBLE_LISTED_MAX;
  const changedAt = lastChange(checks);
  const lines = [
    `<b>${title(checks, reader)}</b> · ${escapeHtml(server)}`,
    ...deadLines(dead, reader),
    ...trouble.slice(0, TROUBLE_LISTED_MAX).map((check) => checkLine(check, {now}, reader)),
    ...(left > 0 ? [words.status.more(left)] : []),
    ...groupLines(checks, reader),
    ...(changedAt === undefined ? [] : [`🕓 ${words.board.changed(format.moment(changedAt, now))}`]),
  ];
  return fitLines(lines, words.status.more);
}

/** When a check last went down or came back, a target of one did, or somebody acknowledged one. */
function lastChange(checks: readonly CheckView[]): number | undefined {
  let last: number | undefined;
  const see = (at: number | undefined) => {
    if (at !== undefined && at > (last ?? 0)) last = at;
  };
  for (const {state, incident} of checks) {
    if (state.known) see(state.since);
    see(incident?.acknowledged?.at);
    for (const {since} of incident?.falseTargets?.listed ?? []) see(since);
  }
  return last;
}
