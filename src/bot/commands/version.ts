import {escapeHtml} from '../messages/html.ts';
import type {Command} from './command.ts';

const version: Command = {
  name: 'version',
  role: 'viewer',
  usage: '',
  summary: (words) => words.help.version,
  run: (_call, desk) => {
    const orders = desk.config.telegram?.console;
    return {
      lines: [
        `Vakhta ${desk.version} · ${escapeHtml(desk.server)} · Node ${process.versions.node}`,
        ...(orders === undefined ? [] : [escapeHtml(desk.words.version.orders(orders))]),
      ],
    };
  },
};
export default version;
