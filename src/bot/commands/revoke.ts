import type {AccessChange, InvitedUser} from '../../store/store.ts';
import {mayInvite} from '../access.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {usageOf} from './names.ts';

const revoke: Command = {
  name: 'revoke',
  role: 'admin',
  everywhere: true,
  usage: 'NAME|ID|#ID',
  example: '#1',
  dangerous: true,
  summary: (words) => words.help.revoke,
  run: (call, desk) => {
    if (call.text === '') return usageOf(revoke, desk);
    const [, invite] = /^#(\d{1,9})$/.exec(call.text) ?? [];
    return invite === undefined ? person(call, desk) : takeBack(Number(invite), call, desk);
  },
};
export default revoke;

function takeBack(id: number, call: Call, {words, access}: Desk): Answer {
  const open = access.invites(call.now).some((invite) => invite.id === id);
  if (!open) return {lines: [words.access.noInvite(id)]};
  return done(words.access.inviteRevoked(id), {kind: 'invite_revoked', id});
}

function person(call: Call, desk: Desk): Answer {
  const {words, config, access} = desk;
  const wanted = call.text.toLowerCase();
  const means = ({id, name}: {readonly id: number; readonly name: string}) =>
    String(id) === wanted || name.toLowerCase() === wanted;
  const configured = [...config.users.values()].find(means);
  const found = access.users().filter(means);
  const [user, ...others] = found;
  if (configured && !found.some(({id}) => id === configured.id)) {
    return {lines: [escapeHtml(words.access.configured(configured.name, configured.id))]};
  }
  if (!user) return {lines: [escapeHtml(words.access.noUser(clip(call.text, 60)))]};
  if (others.length > 0) return whichOne(found, call, desk);
  if (isLastAdmin(user, desk) && user.id === call.person.id) return {lines: [words.access.lastAdmin]};
  return done(words.access.userRevoked(user.name, user.id), {kind: 'user_revoked', id: user.id});
}

function whichOne(found: readonly InvitedUser[], call: Call, {words}: Desk): Answer {
  const ids = found.map(({id}) => String(id));
  if (call.chatId === undefined) return {lines: [words.order.which(ids.join(', '))]};
  return {lines: [words.order.which('').trim()], buttons: ids.map((id) => [{label: id, press: `revoke ${id}`}])};
}

/** Of the whole server: an admin of some groups could not let anybody in. */
function isLastAdmin(user: InvitedUser, {config, access}: Desk): boolean {
  const everybody = [...config.users.values(), ...access.users()];
  const admins = everybody.filter(mayInvite);
  return admins.every(({id}) => id === user.id);
}

function done(said: string, change: AccessChange): Answer {
  return {lines: [escapeHtml(said)], events: [], access: [change]};
}
