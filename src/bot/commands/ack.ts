import type {CheckView} from '../../state/view.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {findChecks, offer, pickCheck, usageOf} from './names.ts';
import {parseSpan, WHY_UNITS_MAX} from './span.ts';

const ack: Command = {
  name: 'ack',
  role: 'operator',
  usage: 'NAME [2h] [why]',
  example: 'NAME 2h looking into it',
  summary: (words) => words.help.ack,
  run: (call, desk) => {
    const [name = '', ...rest] = call.text.split(/\s+/);
    const down = desk.view().filter(({incident}) => incident !== undefined);
    if (name === '') return whichIsDown(down, call, desk);
    // Of several, what is down is meant.
    const found = findChecks(name, desk.view());
    const among = found.length > 1 && found.some(({incident}) => incident) ? down : found;
    const picked = pickCheck(ack, {name, rest: rest.join(' ')}, among, {call, desk});
    return 'check' in picked ? acknowledge(picked.check, rest, call, desk) : picked.answer;
  },
};
export default ack;

function whichIsDown(down: readonly CheckView[], call: Call, desk: Desk): Answer {
  if (down.length === 0) return {lines: [desk.words.ack.nothing]};
  const names = down.map(({config}) => config.name);
  const {lines, buttons} = offer(names, (name) => `ack ${name}`, {call, desk});
  return {lines: [...usageOf(ack, desk).lines, ...lines], ...(buttons && {buttons})};
}

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
