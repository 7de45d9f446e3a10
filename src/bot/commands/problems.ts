import {escapeHtml} from '../messages/html.ts';
import type {Command} from './command.ts';
import {byUrgency, checkLine, isTrouble} from './lines.ts';
import {pageOf, parsePage} from './paging.ts';
import {title} from './status.ts';

const problems: Command = {
  name: 'problems',
  role: 'viewer',
  usage: '',
  summary: (words) => words.help.problems,
  run: (call, desk) => {
    const all = desk.view();
    const {items, buttons} = pageOf(byUrgency(all.filter(isTrouble)), parsePage(call.text).page, 'problems');
    return {
      lines: [
        `<b>${title(all, desk)}</b> · ${escapeHtml(desk.server)}`,
        ...items.map((check) => checkLine(check, call, desk)),
      ],
      buttons: [
        ...items.slice(0, DETAILED_MAX).map(({config: {name}}) => [{label: name, press: `check ${name}`}]),
        ...buttons,
      ],
    };
  },
};
export default problems;

/** A button each leads to their details. */
const DETAILED_MAX = 5;
