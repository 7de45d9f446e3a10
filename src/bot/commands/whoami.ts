import {escapeHtml} from '../messages/html.ts';
import type {Command} from './command.ts';
import {roleText} from './people.ts';

const whoami: Command = {
  name: 'whoami',
  role: 'viewer',
  usage: '',
  summary: (words) => words.help.whoami,
  run: (call, {words}) => {
    const {person, chatId, threadId} = call;
    if (chatId === undefined) return {lines: [words.whoami.console]};
    return {
      lines: [
        escapeHtml(words.whoami.you(person.name, person.id, roleText(call, words))),
        words.whoami.chat(chatId),
        ...(threadId === undefined ? [] : [words.whoami.thread(threadId)]),
      ],
    };
  },
};
export default whoami;
