import {escapeHtml, TEXT_UNITS_MAX} from '../messages/html.ts';
import type {Command} from './command.ts';
import {textFile} from './file.ts';
import {title} from './status.ts';

const json: Command = {
  name: 'json',
  role: 'viewer',
  usage: '',
  summary: (words) => words.help.json,
  run: (call, desk) => {
    const text = JSON.stringify(desk.statusMap(), null, 1);
    if (call.chatId === undefined || text.length <= TEXT_UNITS_MAX) {
      return {lines: text.split('\n').map(escapeHtml), preformatted: true};
    }
    return {
      lines: [`${title(desk.view(), desk)} · ${escapeHtml(desk.server)}`],
      file: textFile(`status-${desk.server}.json`, `${text}\n`),
    };
  },
};
export default json;
