import type {Role} from '../../config/config.ts';
import {createInvite, deepLink, INVITE_MS, INVITE_MS_MAX, INVITES_MAX} from '../invites.ts';
import {escapeHtml} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {usageOf} from './names.ts';
import {isPublic, roleText} from './people.ts';
import {parseSpan} from './span.ts';

const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];

const invite: Command = {
  name: 'invite',
  role: 'admin',
  everywhere: true,
  usage: 'viewer|operator|admin [GROUP…] [1h]',
  example: 'operator 1h',
  dangerous: ({text}) => /^admin(\s|$)/.test(text),
  summary: (words) => words.help.invite,
  run: (call, desk) => {
    const {access} = desk.words;
    // In a group everybody would have the link.
    if (isPublic(call)) return {lines: [access.privately]};
    if (call.text === '') return whichRole(call, desk);
    if (desk.access.invites(call.now).length >= INVITES_MAX) return {lines: [access.tooMany(INVITES_MAX)]};
    const wanted = parse(call.text, desk);
    return 'lines' in wanted ? wanted : invited(wanted, call, desk);
  },
};
export default invite;

function whichRole(call: Call, desk: Desk): Answer {
  const buttons = ROLES.map((role) => ({label: role, press: `invite ${role}`}));
  return {...usageOf(invite, desk), ...(call.chatId !== undefined && {buttons: [buttons]})};
}

interface Wanted {
  readonly role: Role;
  readonly groups: readonly string[];
  readonly ms: number;
}

function parse(text: string, desk: Desk): Wanted | Answer {
  const [first, ...rest] = text.split(/\s+/);
  const role = ROLES.find((one) => one === first);
  if (role === undefined) return usageOf(invite, desk);
  const known = new Set(desk.config.checks.flatMap(({group}) => group ?? []));
  const last = rest.at(-1) ?? '';
  const span = known.has(last) ? undefined : parseSpan(last);
  const groups = [...new Set(span === undefined ? rest : rest.slice(0, -1))];
  const unknown = groups.find((group) => !known.has(group));
  if (unknown !== undefined) {
    return {lines: [escapeHtml(desk.words.access.noGroup(unknown.slice(0, 64), [...known].join(', ')))]};
  }
  const ms = span ?? INVITE_MS;
  if (ms > INVITE_MS_MAX) return {lines: [desk.words.access.tooLong(desk.format.duration(INVITE_MS_MAX))]};
  return {role, groups, ms};
}

function invited({role, groups, ms}: Wanted, call: Call, {words, format, access}: Desk): Answer {
  const id = access.nextInvite();
  const expiresAt = call.now + ms;
  const whatFor = {role, ...(groups.length > 0 && {groups})};
  const {code, invite: made} = createInvite({id, ...whatFor, by: call.person, at: call.now, expiresAt});
  const link = call.bot === undefined ? `/start ${code}` : deepLink(call.bot, code);
  return {
    lines: [
      escapeHtml(words.access.invited(roleText(whatFor, words), format.time(expiresAt, call.now))),
      escapeHtml(link),
      words.access.keepIt(call.bot === undefined, `/revoke #${id}`),
    ],
    events: [],
    access: [{kind: 'invited', invite: made}],
    secret: true,
  };
}
