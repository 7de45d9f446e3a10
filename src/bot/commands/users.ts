import {clip, escapeHtml} from '../messages/html.ts';
import type {Answer, AnswerButton, Call, Command, Desk} from './command.ts';
import {roleText} from './people.ts';

/** Who may give orders, and who is invited to. */
const users: Command = {
  name: 'users',
  role: 'admin',
  everywhere: true,
  usage: '',
  summary: (words) => words.help.users,
  run: list,
};
export default users;

/** A button each; those beyond are revoked by command. */
const BUTTONS_MAX = 10;

function list(call: Call, desk: Desk): Answer {
  const {words, format, config, access} = desk;
  const configured = [...config.users.values()];
  const came = access.users().filter(({id}) => !config.users.has(id));
  const open = access.invites(call.now).filter(({first}) => !first);
  const lines = [
    ...configured.map((user) => `${nameAndId(user)} · ${roleText(user, words)} · ${words.access.fromConfig}`),
    ...came.map((user) => {
      const how = words.access.fromInvite(user.by.name, format.time(user.at, call.now));
      return `${nameAndId(user)} · ${roleText(user, words)} · ${how}`;
    }),
    ...open.map((invite) => {
      const until = format.time(invite.expiresAt, call.now);
      return `🔗 #${invite.id} · ${roleText(invite, words)} · ${words.access.openInvite(invite.by.name, until)}`;
    }),
  ];
  if (lines.length === 0) return {lines: [words.access.nobody]};
  const buttons = [
    ...came.map(({id, name}) => revokeButton(`${clip(name, 30)} ${id}`, String(id), desk)),
    ...open.map(({id}) => revokeButton(`#${id}`, `#${id}`, desk)),
  ];
  return {lines: lines.map(escapeHtml), buttons: buttons.slice(0, BUTTONS_MAX).map((button) => [button])};
}

function nameAndId({name, id}: {readonly name: string; readonly id: number}): string {
  return `${name} · ${id}`;
}

function revokeButton(label: string, whom: string, {words}: Desk): AnswerButton {
  return {label: words.access.revoke(label), press: `revoke ${whom}`, show: 'below', once: false};
}
