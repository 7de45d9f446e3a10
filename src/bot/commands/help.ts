import {mayDo} from '../access.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Command} from './command.ts';
import {usageOf} from './names.ts';

const help: Command = {
  name: 'help',
  role: 'viewer',
  usage: '[COMMAND]',
  example: 'status',
  summary: (words) => words.help.help,
  run: (call, desk) => {
    const {words} = desk;
    const wanted = call.text.toLowerCase().replace(/^\//, '');
    if (wanted === '') {
      const known = desk.commands.filter((command) => !command.unlisted && mayDo(call.role, command.role));
      return {lines: [escapeHtml(words.help.intro(desk.server)), ...known.map((command) => line(command))]};
    }
    const command = desk.commands.find(({name}) => name === wanted);
    if (!command) return {lines: [escapeHtml(words.order.unknown(clip(wanted, 32)))]};
    const role = words.help.role(command.role);
    return {lines: [`${line(command)} ${escapeHtml(role)}`, ...usageOf(command, desk).lines]};

    function line({name, usage, summary}: Command): string {
      return `${escapeHtml(`/${name} ${words.order.arguments(usage)}`.trim())} – ${escapeHtml(summary(words))}`;
    }
  },
};
export default help;
