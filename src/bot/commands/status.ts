import type {CheckView} from '../../state/view.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {byUrgency, checkLine, isTrouble} from './lines.ts';
import {findChecks} from './names.ts';
import {pageOf, parsePage} from './paging.ts';

const status: Command = {
  name: 'status',
  role: 'viewer',
  usage: '[NAME|GROUP]',
  example: 'NAME',
  summary: (words) => words.help.status,
  run: (call, desk) => {
    const {text, page} = parsePage(call.text);
    return text === '' ? overview(page, call, desk) : some(text, page, call, desk);
  },
};
export default status;

/** So few checks that are fine are listed; of more, their groups are counted. */
const FINE_LISTED_MAX = 30;

function overview(page: number, call: Call, desk: Desk): Answer {
  const all = desk.view();
  const fine = all.filter((check) => !isTrouble(check));
  const isShort = fine.length <= FINE_LISTED_MAX;
  const listed = byUrgency(isShort ? all : all.filter(isTrouble));
  const {items, buttons} = pageOf(listed, page, 'status');
  return {
    lines: [
      `<b>${title(all, desk)}</b> · ${escapeHtml(desk.server)}`,
      ...trouble(call, desk),
      ...items.map((check) => checkLine(check, call, desk)),
      ...(isShort ? [] : groupLines(all, desk)),
    ],
    buttons,
  };
}

/** A check, a group, or all whose names begin so. */
function some(text: string, page: number, call: Call, desk: Desk): Answer {
  const all = desk.view();
  const group = text.replace(/^group:/, '');
  const named = findChecks(text, all);
  const isExact = named.length === 1 && named[0]?.config.name === text;
  const grouped = isExact ? [] : all.filter(({config}) => config.group === group);
  const found = grouped.length > 0 ? grouped : named;
  if (found.length === 0) return {lines: [escapeHtml(desk.words.status.noCheck(clip(text, 60)))]};
  const {items, buttons} = pageOf(byUrgency(found), page, `status ${text}`);
  const head = grouped.length > 0 ? [`<b>${title(found, desk)}</b> · ${escapeHtml(clip(group, 60))}`] : [];
  return {lines: [...head, ...items.flatMap((check) => [checkLine(check, call, desk), ...comment(check)])], buttons};
}

export function title(checks: readonly CheckView[], {words}: Pick<Desk, 'words'>): string {
  const down = checks.filter(({state}) => !state.status).length;
  return down === 0 ? `✅ ${words.status.allWell(checks.length)}` : `🔴 ${words.status.problems(down, checks.length)}`;
}

function comment({config}: CheckView): string[] {
  return config.comment === undefined ? [] : [`💬 ${escapeHtml(clip(config.comment, 100))}`];
}

/** What keeps messages from people: they must learn it here, since a message would not reach them. */
function trouble(call: Call, desk: Desk): string[] {
  const {words, format} = desk;
  const {rows, oldestAt} = desk.backlog();
  const late = oldestAt !== undefined && call.now - oldestAt > 10_000;
  return [
    ...(late ? [`⏳ ${words.status.undelivered(rows, format.duration(call.now - oldestAt))}`] : []),
    ...deadLines(desk.deadChannels(), desk),
  ];
}

export function deadLines(dead: ReturnType<Desk['deadChannels']>, {words}: Pick<Desk, 'words'>): string[] {
  return dead.map(({channel, error}) => `🔇 ${escapeHtml(words.status.deadChannel(channel, error))}`);
}

/** The rest of a server may have more groups than a message has lines. */
const GROUPS_LISTED_MAX = 20;

export function groupLines(checks: readonly CheckView[], {words}: Pick<Desk, 'words'>): string[] {
  const groups = new Map<string, {fine: number; of: number}>();
  for (const check of checks) {
    const name = check.config.group ?? '';
    const sum = groups.get(name) ?? {fine: 0, of: 0};
    groups.set(name, sum);
    sum.of++;
    if (!isTrouble(check)) sum.fine++;
  }
  const lines = [...groups].map(([name, {fine, of}]) => {
    const mark = fine === of ? '🟢' : '🟡';
    return `${mark} ${escapeHtml(words.status.group(name === '' ? words.status.noGroup : clip(name, 60), fine, of))}`;
  });
  const left = lines.length - GROUPS_LISTED_MAX;
  return [...lines.slice(0, GROUPS_LISTED_MAX), ...(left > 0 ? [words.status.more(left)] : [])];
}
