import {createHash, randomBytes} from 'node:crypto';
import type {Config} from '../config/config.ts';
import type {Person} from '../state/vocabulary.ts';
import type {AccessChange, AccessTables, Invite, InvitedUser} from '../store/store.ts';
import {mayInvite, peopleOf} from './access.ts';
import {clip, oneLine} from './messages/html.ts';

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
/** Whoever sits at the console, or reads its log. */
export const CONSOLE_ID = 0;
/** As config.yaml allows. */
const NAME_UNITS_MAX = 64;

export type Offer = Omit<Invite, 'hash'>;

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
  return config.users.size === 0 && !access.users().some(mayInvite);
}

/**
 * Whom this code makes a user; undefined where it is wrong, used, revoked or late, where whoever gave it may not any more, and
 * where it is for the first admin and there is one.
 */
export function redeem(
  code: string,
  stranger: Person,
  {access, config, now}: {readonly access: AccessTables; readonly config: Config; readonly now: number},
): {readonly user: InvitedUser; readonly change: AccessChange} | undefined {
  const invite = CODE.test(code) ? access.invite(hashOf(code), now) : undefined;
  if (!invite) return undefined;
  const {role, groups, by} = invite;
  // What an admin gave away who is one no longer is good for nothing.
  const isGiven = by.id === CONSOLE_ID || mayInvite(peopleOf(config, access).get(by.id));
  if (invite.first ? !isUnclaimed(config, access) : !isGiven) return undefined;
  const user = {id: stranger.id, name: nameOf(stranger), role, ...(groups && {groups}), by, at: now};
  return {user, change: {kind: 'joined', invite: invite.id, user}};
}

function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}

/** People call themselves what they like, also nothing that can be seen. */
function nameOf({id, name}: Person): string {
  const shown = clip(oneLine(name), NAME_UNITS_MAX);
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(shown) ? shown : String(id);
}
