import {escapeHtml} from '../messages/html.ts';
import type {Command} from './command.ts';

const whoami: Command = {
  name: 'whoami',
  role: 'viewer',
  usage: '',
  summary: (words) => words.help.whoami,
  run: ({person, role, chatId, threadId}, {words}) => {
    if (chatId === undefined) return {lines: [words.whoami.console]};
    return {
      lines: [
        escapeHtml(words.whoami.you(person.name, person.id, role)),
        words.whoami.chat(chatId),
        ...(threadId === undefined ? [] : [words.whoami.thread(threadId)]),
      ],
    };
  },
};
export default whoami;
