import {escapeHtml} from '../messages/html.ts';
import type {Command} from './command.ts';
import {roleText} from './people.ts';

/** What Telegram's Start button says. A stranger's code is looked at before anything else is; whoever comes here is known. */
const start: Command = {
  name: 'start',
  role: 'viewer',
  unlisted: true,
  usage: '',
  summary: (words) => words.help.start,
  run: (call, {words, server}) => {
    const lines = [escapeHtml(words.access.youAre(call.person.name, roleText(call, words), server))];
    return {lines: call.text === '' ? lines : [...lines, words.access.notNeeded]};
  },
};
export default start;
