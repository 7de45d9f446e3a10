import type {CheckView} from '../../state/view.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {findChecks} from './names.ts';
import {parseSpan, WHY_UNITS_MAX} from './span.ts';

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
    if (!check || others.length > 0) return {lines: [words.order.which(names(found))]};
    return acknowledge(check, rest, call, desk);
  },
};
export default ack;

function acknowledge({config, incident}: CheckView, rest: readonly string[], call: Call, {words}: Desk): Answer {
  const check = config.name;
  if (!incident) return {lines: [escapeHtml(words.ack.notDown(check))]};
  const span = parseSpan(rest[0] ?? '');
  const until = span === undefined ? undefined : call.now + span;
  const why = clip(rest.slice(span === undefined ? 0 : 1).join(' '), WHY_UNITS_MAX);
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
