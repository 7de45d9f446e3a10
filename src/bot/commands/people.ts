import type {Role} from '../../config/config.ts';
import type {Words} from '../messages/en.ts';
import type {Call} from './command.ts';

/** Others read along. A private chat has the id of its person; at the console nobody else is. */
export function isPublic({chatId, person}: Call): boolean {
  return chatId !== undefined && chatId !== person.id;
}

/** `operator`, or `operator for shops, tills` */
export function roleText(what: {readonly role: Role; readonly groups?: readonly string[]}, words: Words): string {
  return what.groups ? words.access.roleFor(what.role, what.groups.join(', ')) : what.role;
}
