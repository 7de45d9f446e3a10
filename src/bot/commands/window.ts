import {windowAt} from '../../state/windows.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Command} from './command.ts';

const window: Command = {
  name: 'window',
  role: 'viewer',
  usage: '[NAME]',
  summary: (words) => words.help.window,
  run: (call, {words, format, config}) => {
    const wanted = call.text.toLowerCase();
    const found = [...config.windows.values()].filter(({name}) => name.toLowerCase().startsWith(wanted));
    if (config.windows.size === 0) return {lines: [words.window.none]};
    if (found.length === 0) return {lines: [escapeHtml(words.window.unknown(clip(call.text, 60)))]};
    const lines = found.slice(0, LISTED_MAX).map((one) => {
      const {open, until} = windowAt(one, call.now);
      const end = until === null ? words.why.noEnd : words.why.until(format.time(until, call.now));
      return `${open ? '🟢' : '⚪️'} ${escapeHtml(words.window.line(one.name, open, end))}`;
    });
    const left = found.length - LISTED_MAX;
    return {lines: left > 0 ? [...lines, words.status.more(left)] : lines};
  },
};
export default window;

const LISTED_MAX = 30;
