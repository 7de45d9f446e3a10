import {clip, escapeHtml} from '../messages/html.ts';
import type {Command} from './command.ts';
import {findChecks, pickCheck} from './names.ts';

const unack: Command = {
  name: 'unack',
  role: 'operator',
  usage: 'NAME',
  example: 'NAME',
  summary: (words) => words.help.unack,
  run: (call, desk) => {
    const {words} = desk;
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
