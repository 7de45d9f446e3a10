import {escapeHtml} from '../messages/html.ts';
import type {Command} from './command.ts';

const json: Command = {
  name: 'json',
  role: 'viewer',
  usage: '',
  summary: (words) => words.help.json,
  run: (_call, desk) => ({
    lines: JSON.stringify(desk.statusMap(), null, 1).split('\n').map(escapeHtml),
    preformatted: true,
  }),
};
export default json;
