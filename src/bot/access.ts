import type {Config, Role, User} from '../config/config.ts';
import type {AccessTables} from '../store/store.ts';

/** What is looked at before anything a person sent is even read. */
export interface Approach {
  readonly chatId: number;
  readonly isPrivate: boolean;
  readonly from: {readonly id: number; readonly isBot: boolean} | undefined;
  /** Set for channels and anonymous administrators, whose `from` is a placeholder. */
  readonly hasSenderChat: boolean;
  readonly isForward: boolean;
  readonly isEdit: boolean;
}

export type Admission =
  | {readonly admitted: true; readonly user: User}
  | {
      readonly admitted: false;
      readonly why: 'no_sender' | 'sender_chat' | 'bot' | 'forward' | 'edit' | 'unknown_chat' | 'unknown_user';
    };

/** Who may give orders, by Telegram user id. */
export interface People {
  get(id: number): User | undefined;
}

/** The configured people, and those who came by an invite. Of one who is both, the configuration holds. */
export function peopleOf({users}: Pick<Config, 'users'>, access: Pick<AccessTables, 'user'>): People {
  return {get: (id) => users.get(id) ?? access.user(id)};
}

export interface Doors {
  readonly users: People;
  /** The chats of configured channels, by their ids of today. */
  readonly isOurChat: (chatId: number) => boolean;
}

/** Deny by default: a configured person in a configured chat, or in a private chat with the bot. */
export function admit(approach: Approach, doors: Doors): Admission {
  const {from} = approach;
  if (!from) return {admitted: false, why: 'no_sender'};
  if (approach.hasSenderChat) return {admitted: false, why: 'sender_chat'};
  if (from.isBot) return {admitted: false, why: 'bot'};
  if (approach.isForward) return {admitted: false, why: 'forward'};
  if (approach.isEdit) return {admitted: false, why: 'edit'};
  const user = doors.users.get(from.id);
  if (!user) return {admitted: false, why: 'unknown_user'};
  if (!isAtHome(approach) && !doors.isOurChat(approach.chatId)) return {admitted: false, why: 'unknown_chat'};
  return {admitted: true, user};
}

/** In the private chat of the bot with this person: it has the person's own id. */
export function isAtHome({isPrivate, chatId, from}: Approach): boolean {
  return isPrivate && chatId === from?.id;
}

/** They may let others in: an admin, and of the whole server. */
export function mayInvite(user: Pick<User, 'role' | 'groups'> | undefined): boolean {
  return user?.role === 'admin' && !user.groups;
}

const RANK: Record<Role, number> = {viewer: 0, operator: 1, admin: 2};

/** Every role may do what the ones below it may. */
export function mayDo(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}
