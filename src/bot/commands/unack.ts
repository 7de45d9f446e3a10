import {clip, escapeHtml} from '../messages/html.ts';
import type {Command} from './command.ts';
import {findChecks} from './names.ts';

const unack: Command = {
  name: 'unack',
  role: 'operator',
  usage: 'NAME',
  summary: (words) => words.help.unack,
  run: (call, desk) => {
    const {words} = desk;
    if (call.text === '') return {lines: [words.order.usage('/unack NAME')]};
    const [check, ...others] = findChecks(
      call.text,
      desk.view().filter(({incident}) => incident?.acknowledged),
    );
    if (!check) return {lines: [escapeHtml(words.ack.notAcknowledged(clip(call.text, 60)))]};
    const {name} = check.config;
    if (others.length > 0) {
      const names = [check, ...others].map(({config}) => config.name).join(', ');
      return {lines: [escapeHtml(words.order.which(clip(names, 1000)))]};
    }
    return {
      lines: [escapeHtml(words.ack.takenBack(name))],
      events: [{kind: 'unacknowledged', check: name, at: call.now, by: call.person}],
    };
  },
};
export default unack;
