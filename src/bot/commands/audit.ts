import type {AuditRow} from '../../store/store.ts';
import {clip, escapeHtml, oneLine} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {usageOf} from './names.ts';
import {isPublic} from './people.ts';

/** Who ordered what, when, and what came of it. */
const audit: Command = {
  name: 'audit',
  role: 'admin',
  everywhere: true,
  usage: '[N|export]',
  example: '20',
  summary: (words) => words.help.audit,
  run: (call, desk) => {
    if (call.text === 'export') return exported(call, desk);
    const [, count, before] = /^(\d{1,3})?(?: before (\d{1,15}))?$/.exec(call.text) ?? [];
    const isRight = call.text === '' || (count !== undefined && Number(count) > 0);
    if (!isRight) return usageOf(audit, desk);
    const older = before === undefined ? {} : {before: Number(before)};
    return page({count: Math.min(LINES_MAX, Number(count ?? LINES_DEFAULT)), ...older}, call, desk);
  },
};
export default audit;

const LINES_DEFAULT = 10;
const LINES_MAX = 50;
const ORDER_UNITS_MAX = 120;
/** About 1 MB, which waits in the outbox until it is sent. */
const EXPORTED_MAX = 5_000;

interface Wanted {
  readonly count: number;
  /** Entries older than this one. */
  readonly before?: number;
}

function page({count, ...older}: Wanted, call: Call, desk: Desk): Answer {
  const {words, access} = desk;
  const rows = access.audit({limit: count + 1, ...older});
  const shown = rows.slice(0, count);
  const last = shown.at(-1);
  if (!last) return {lines: [words.audit.empty]};
  const newest = {label: words.audit.newest, press: `audit ${count}`, once: false};
  const next = {label: words.audit.older, press: `audit ${count} before ${last.id}`, once: false};
  const turns = [...('before' in older ? [newest] : []), ...(rows.length > count ? [next] : [])];
  const lines = shown.map((row) => escapeHtml(lineOf(row, call, desk)));
  return {lines, ...(turns.length > 0 && {buttons: [turns]})};
}

function lineOf({at, userName, userId, order, outcome}: AuditRow, call: Call, {words, format}: Desk): string {
  const what = `${format.time(at, call.now)} · ${oneLine(userName)} (${userId}) · ${clip(oneLine(order), ORDER_UNITS_MAX)}`;
  return outcome === 'done' ? what : `${what} · ${words.audit.denied}`;
}

/** It names people and what they did: not for a group. */
function exported(call: Call, {words, server, access}: Desk): Answer {
  if (call.chatId === undefined) return {lines: [words.audit.byProgram]};
  if (isPublic(call)) return {lines: [words.access.privately]};
  const rows = access.audit({limit: EXPORTED_MAX + 1});
  const kept = rows.slice(0, EXPORTED_MAX).reverse();
  const content = kept.map((row) => `${auditLine(row)}\n`).join('');
  const name = `vakhta-audit-${server.replace(/[^\w.-]/g, '_')}.jsonl`;
  return {
    lines: [words.audit.entries(kept.length, rows.length > kept.length)],
    events: [],
    file: {name, as: 'document', base64: Buffer.from(content).toString('base64')},
  };
}

/** One entry as it is exported, here and by `vakhta audit`. */
export function auditLine({at, ...rest}: AuditRow): string {
  const {id, userId, userName, chatId, order, outcome} = rest;
  const time = Temporal.Instant.fromEpochMilliseconds(Math.trunc(at)).toString({smallestUnit: 'millisecond'});
  return JSON.stringify({id, at: time, userId, userName, chatId, order, outcome});
}
