import {createHash, randomBytes} from 'node:crypto';
import type {Config, Role} from '../config/config.ts';
import type {Person} from '../state/vocabulary.ts';
import type {AccessChange, AccessTables, Invite, InvitedUser} from '../store/store.ts';
import {clip} from './messages/html.ts';

/** 128 bits: not to be guessed. In base64url they are 22 characters of the 64 that a deep link carries. */
const CODE_BYTES = 16;
const CODE = /^[\w-]{22}$/;
/** An invite lies in somebody's chat: a day is enough to open it. */
export const INVITE_MS = 24 * 3_600_000;
export const INVITE_MS_MAX = 7 * INVITE_MS;
/** So many may be open at once; more are a mistake, or somebody's bad intention. */
export const INVITES_MAX = 50;
/** The first admin sits beside the log. */
export const FIRST_MS = 3_600_000;
/** As config.yaml allows. */
const NAME_UNITS_MAX = 64;

export interface Offer {
  readonly id: number;
  readonly role: Role;
  readonly groups?: readonly string[];
  readonly by: Person;
  readonly at: number;
  readonly expiresAt: number;
  readonly first?: true;
}

/** A new code, which only its reader will ever know, and what is kept of it. */
export function createInvite(offer: Offer): {readonly code: string; readonly invite: Invite} {
  const code = randomBytes(CODE_BYTES).toString('base64url');
  return {code, invite: {...offer, hash: hashOf(code)}};
}

/** core.telegram.org/bots/features#deep-linking */
export function deepLink(bot: string, code: string): string {
  return `https://t.me/${bot}?start=${code}`;
}

/** Nobody in Telegram could let anybody in: the config names no people, and none that came is an admin of the whole. */
export function isUnclaimed(config: Pick<Config, 'users'>, access: Pick<AccessTables, 'users'>): boolean {
  return config.users.size === 0 && !access.users().some(({role, groups}) => role === 'admin' && !groups);
}

/** Whom this code makes a user; undefined where it is wrong, used, revoked, late, or for the first admin when there is one. */
export function redeem(
  code: string,
  stranger: Person,
  {access, config, now}: {readonly access: AccessTables; readonly config: Config; readonly now: number},
): {readonly user: InvitedUser; readonly change: AccessChange} | undefined {
  const invite = CODE.test(code) ? access.invite(hashOf(code), now) : undefined;
  if (!invite || (invite.first && !isUnclaimed(config, access))) return undefined;
  const {role, groups, by} = invite;
  const user = {id: stranger.id, name: nameOf(stranger), role, ...(groups && {groups}), by, at: now};
  return {user, change: {kind: 'joined', invite: invite.id, user}};
}

function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}

/** People call themselves what they like: invisible characters would turn a line of a list around. */
function nameOf({id, name}: Person): string {
  return clip(name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim(), NAME_UNITS_MAX) || String(id);
}
