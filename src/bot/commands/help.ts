import {mayDo} from '../access.ts';
import {escapeHtml} from '../messages/html.ts';
import type {Command} from './command.ts';

const help: Command = {
  name: 'help',
  role: 'viewer',
  usage: '',
  summary: (words) => words.help.help,
  run: (call, desk) => ({
    lines: [
      escapeHtml(desk.words.help.intro(desk.server)),
      ...desk.commands
        .filter((command) => mayDo(call.role, command.role))
        .map(({name, usage, summary}) => {
          const line = `/${name}${usage === '' ? '' : ` ${usage}`}`;
          return `${escapeHtml(line)} – ${escapeHtml(summary(desk.words))}`;
        }),
    ],
  }),
};
export default help;
