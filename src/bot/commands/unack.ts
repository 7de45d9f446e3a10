import {clip, escapeHtml} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {findChecks, LISTED_UNITS_MAX, namedIn, pickCheck} from './names.ts';

const unack: Command = {
  name: 'unack',
  role: 'operator',
  usage: 'NAME',
  example: 'NAME',
  summary: (words) => words.help.unack,
  run: (call, desk) => {
    const {words} = desk;
    if (call.text.includes(',')) return takeBackAll(call, desk);
    const acknowledged = desk.view().filter(({incident}) => incident?.acknowledged);
    if (call.text !== '' && findChecks(call.text, acknowledged).length === 0) {
      return {lines: [escapeHtml(words.ack.notAcknowledged(clip(call.text, 60)))]};
    }
    const picked = pickCheck(unack, {name: call.text}, acknowledged, {call, desk});
    if ('answer' in picked) return picked.answer;
    const {name} = picked.check.config;
    return {
      lines: [escapeHtml(words.ack.takenBack(name))],
      events: [{kind: 'unacknowledged', check: name, at: call.now, by: call.person}],
    };
  },
};
export default unack;

function takeBackAll(call: Call, desk: Desk): Answer {
  const {words} = desk;
  const names = namedIn(call.text, desk).flatMap(({config, incident}) => (incident?.acknowledged ? config.name : []));
  if (names.length === 0) return {lines: [escapeHtml(words.ack.notAcknowledged(clip(call.text, 60)))]};
  return {
    lines: [escapeHtml(words.ack.takenBack(clip(names.join(', '), LISTED_UNITS_MAX)))],
    events: names.map((check) => ({kind: 'unacknowledged', check, at: call.now, by: call.person})),
  };
}
