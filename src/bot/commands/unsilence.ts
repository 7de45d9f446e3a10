import {selectorText} from '../../state/silences.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Command} from './command.ts';

const unsilence: Command = {
  name: 'unsilence',
  role: 'operator',
  usage: 'ID|NAME|glob|group:G|all',
  summary: (words) => words.help.unsilence,
  run: (call, {words, silences}) => {
    if (call.text === '') return {lines: [escapeHtml(words.order.usage('/unsilence ID|NAME|glob|group:G|all'))]};
    const ended = silences().filter(({id, what}) => String(id) === call.text || selectorText(what) === call.text);
    if (ended.length === 0) return {lines: [escapeHtml(words.silence.noSuch(clip(call.text, 60)))]};
    return {
      lines: [escapeHtml(words.silence.ended(ended.map(({what}) => selectorText(what)).join(', ')))],
      events: ended.map(({id}) => ({kind: 'unsilenced', id, at: call.now})),
    };
  },
};
export default unsilence;
