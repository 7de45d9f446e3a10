import {selectorText} from '../../state/silences.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Command} from './command.ts';
import {usageOf} from './names.ts';
import {listSilences} from './silences.ts';

const unsilence: Command = {
  name: 'unsilence',
  role: 'operator',
  usage: 'ID|NAME|glob|group:G|all',
  example: 'NAME',
  summary: (words) => words.help.unsilence,
  run: (call, desk) => {
    const {words, silences} = desk;
    if (call.text === '') {
      const {lines, buttons = []} = listSilences(call, desk);
      return {lines: [...usageOf(unsilence, desk).lines, ...lines], buttons};
    }
    const ended = silences().filter(({id, what}) => String(id) === call.text || selectorText(what) === call.text);
    if (ended.length === 0) return {lines: [escapeHtml(words.silence.noSuch(clip(call.text, 60)))]};
    return {
      lines: [escapeHtml(words.silence.ended(ended.map(({what}) => selectorText(what)).join(', ')))],
      events: ended.map(({id}) => ({kind: 'unsilenced', id, at: call.now})),
    };
  },
};
export default unsilence;
