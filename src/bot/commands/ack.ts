import type {CheckView} from '../../pipeline.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {findChecks} from './names.ts';

const ack: Command = {
  name: 'ack',
  role: 'operator',
  usage: 'NAME [2h] [why]',
  summary: (words) => words.help.ack,
  run: (call, desk) => {
    const {words} = desk;
    const [name = '', ...rest] = call.text.split(/\s+/);
    const down = desk.view().filter(({incident}) => incident !== undefined);
    if (name === '') return {lines: [down.length === 0 ? words.ack.nothing : usage(down, words)]};
    const found = findChecks(name, desk.view());
    const [check, ...others] = found.length > 1 ? found.filter(({incident}) => incident) : found;
    if (!check && found.length === 0) return {lines: [escapeHtml(words.status.noCheck(clip(name, 60)))]};
    if (!check || others.length > 0) return {lines: [words.order.which(names(others.length > 0 ? [...found] : found))]};
    return acknowledge(check, rest, call, desk);
  },
};
export default ack;

const SPAN = /^(\d{1,4})(m|h|d)$/;
const UNIT_MS: Record<string, number> = {m: 60_000, h: 3_600_000, d: 86_400_000};
const WHY_UNITS_MAX = 300;

function acknowledge({config, incident}: CheckView, rest: readonly string[], call: Call, {words}: Desk): Answer {
  const check = config.name;
  if (!incident) return {lines: [escapeHtml(words.ack.notDown(check))]};
  const span = SPAN.exec(rest[0] ?? '');
  const until = span ? call.now + Number(span[1]) * (UNIT_MS[span[2] ?? ''] ?? 0) : undefined;
  const why = clip(rest.slice(span ? 1 : 0).join(' '), WHY_UNITS_MAX);
  const before = incident.acknowledged;
  const said = before ? words.ack.already(check, before.by.name) : words.ack.done(check);
  const by = call.person;
  return {
    lines: [escapeHtml(said)],
    events: [{kind: 'acknowledged', check, at: call.now, by, why, ...(until !== undefined && {until})}],
  };
}

function usage(down: readonly CheckView[], words: Desk['words']): string {
  return `${words.order.usage('/ack NAME [2h] [why]')}\n${words.order.which(names(down))}`;
}

function names(checks: readonly CheckView[]): string {
  return escapeHtml(clip(checks.map(({config}) => config.name).join(', '), 1000));
}
