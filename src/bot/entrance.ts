import type {Clock} from '../clock.ts';
import type {Config} from '../config/config.ts';
import type {Message, Person} from '../state/vocabulary.ts';
import type {AccessTables, InvitedUser} from '../store/store.ts';
import type {Answer} from './commands/command.ts';
import {roleText} from './commands/people.ts';
import type {Attached, By, OrderDesk} from './desk.ts';
import {CONSOLE_ID, createInvite, FIRST_MS, isUnclaimed, redeem} from './invites.ts';
import {escapeHtml} from './messages/html.ts';
import type {Readers} from './readers.ts';

/** How strangers become people: by an invite, or as the first admin. */
export function createEntrance(use: {
  readonly config: Config;
  readonly readers: Readers;
  readonly access: AccessTables;
  readonly clock: Clock;
  readonly commit: (order: string, by: By, answer: Answer, attached?: Attached) => void;
}): Pick<OrderDesk, 'join' | 'firstCode'> {
  const {config, access, clock, commit, readers} = use;

  /** Whoever gave the invite hears in private who came. */
  function tell(user: InvitedUser): Message {
    const to = {chatId: user.by.id};
    const {words} = readers.of({person: user.by, ...to});
    const said = words.access.hasJoined(user.name, user.id, roleText(user, words), `/revoke ${user.id}`);
    return {kind: 'reply', channel: '', reason: 'reply', to, html: escapeHtml(said)};
  }

  return {
    join: (code, stranger, attached) => {
      const {person, chatId} = stranger;
      const {words, server} = readers.of(stranger);
      const now = clock.now();
      const joined = redeem(code, person, {access, config, now});
      if (!joined) return false;
      const {user, change} = joined;
      const role = roleText(user, words);
      const lines = [escapeHtml(words.access.welcome(user.name, role, server))];
      const told = user.by.id === CONSOLE_ID ? [] : [tell(user)];
      // The code is used up, and yet does not belong into a log.
      commit(
        `/start (${roleText(user, readers.in('en').words)}, by ${user.by.name})`,
        {person: user, chatId, now},
        {lines, events: [], access: [change]},
        (answer) => {
          const {messages = [], ...rest} = attached(answer);
          return {...rest, messages: [...messages, ...told]};
        },
      );
      return true;
    },
    firstCode: () => {
      const now = clock.now();
      const former = access.invites(now).filter(({first}) => first);
      const revoked = former.map(({id}) => ({kind: 'invite_revoked', id}) as const);
      const isOpen = isUnclaimed(config, access);
      if (!isOpen && revoked.length === 0) return undefined;
      const offer = {role: 'admin', by: NOBODY, at: now, expiresAt: now + FIRST_MS, first: true} as const;
      const made = isOpen ? createInvite({id: access.nextInvite(), ...offer}) : undefined;
      const invited = made ? [{kind: 'invited', invite: made.invite} as const] : [];
      const by = {person: NOBODY, now};
      commit('a code for the first admin', by, {lines: [], events: [], access: [...revoked, ...invited]});
      return made?.code;
    },
  };
}

/** Whoever reads the log of this server. */
const NOBODY: Person = {id: CONSOLE_ID, name: 'console'};
