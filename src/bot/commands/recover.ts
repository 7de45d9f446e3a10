import {orderRefusal} from '../../state/recovery.ts';
import type {CheckView} from '../../state/view.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {offer, pickCheck, usageOf} from './names.ts';

/** Runs the recovery of a check that is down, or closes its breaker: `reset`. */
const recover: Command = {
  name: 'recover',
  role: 'admin',
  usage: 'NAME [reset]',
  example: 'NAME',
  dangerous: true,
  summary: (words) => words.help.recover,
  run: (call, desk) => {
    const [name = '', ...rest] = call.text.split(/\s+/);
    const able = desk.view().filter(({config}) => config.recovery);
    if (able.length === 0) return {lines: [desk.words.recover.none]};
    const order = rest.join(' ').toLowerCase();
    if (name === '') return which(able, call, desk);
    if (order !== '' && order !== 'reset') return usageOf(recover, desk);
    const picked = pickCheck(recover, {name, rest: order}, desk.view(), {call, desk});
    if (!('check' in picked)) return picked.answer;
    return order === 'reset' ? reset(picked.check, call, desk) : runNow(picked.check, call, desk);
  },
};
export default recover;

const COMMAND_UNITS_MAX = 500;

function which(able: readonly CheckView[], call: Call, desk: Desk): Answer {
  const names = able.filter(({incident}) => incident).map(({config}) => config.name);
  const {lines} = usageOf(recover, desk);
  if (names.length === 0) return {lines: [...lines, desk.words.ack.nothing]};
  const offered = offer(names, (name) => `recover ${name}`, {call, desk});
  return {...offered, lines: [...lines, ...offered.lines]};
}

function runNow({config, incident, recovery: known}: CheckView, call: Call, {words}: Desk): Answer {
  const {name: check, recovery} = config;
  if (!recovery) return {lines: [escapeHtml(words.recover.notOf(check))]};
  const refusal = orderRefusal(incident !== undefined, known, recovery);
  if (refusal !== undefined) return {lines: [escapeHtml(words.recover.refused[refusal](check))]};
  const what = `${recovery.host}: ${clip(recovery.command, COMMAND_UNITS_MAX)}`;
  return {
    lines: [escapeHtml(words.recover.begun(check)), `<code>${escapeHtml(what)}</code>`],
    toast: words.recover.begun(check),
    events: [{kind: 'recovery_ordered', check, at: call.now, by: call.person}],
  };
}

function reset({config, recovery: known}: CheckView, call: Call, {words}: Desk): Answer {
  const check = config.name;
  if (!known || (known.attempts === 0 && known.brokenAt === undefined)) {
    return {lines: [escapeHtml(words.recover.nothingToReset(check))]};
  }
  return {
    lines: [escapeHtml(words.recover.reset(check))],
    events: [{kind: 'recovery_reset', check, at: call.now, by: call.person}],
  };
}
