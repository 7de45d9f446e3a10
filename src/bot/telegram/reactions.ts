import type {MessageReactionUpdated} from 'telegraf/types';
import type {User} from '../../config/config.ts';
import type {CheckView} from '../../state/view.ts';
import type {Doorkeeper, ListenUse} from './listen.ts';
import {callOf} from './orders.ts';

/** "I have seen it" and "I am on it". */
const ACKNOWLEDGING = new Set(['👀', '👍']);

/**
 * A first acknowledging reaction acknowledges what nobody is on yet of a card; when the last one goes, that is taken back,
 * unless somebody else has taken it since, or the same person in words. Nobody is answered.
 */
export function takeReaction(
  use: ListenUse,
  letIn: Doorkeeper,
  {chat, message_id: messageId, user: from, actor_chat: actor, ...lists}: MessageReactionUpdated,
  updateId: number,
): void {
  const cards = cardsAt(use, chat.id, messageId);
  // What people think of each other's messages is no concern of ours.
  if (cards.length === 0) return;
  const user = letIn({
    chatId: chat.id,
    isPrivate: chat.type === 'private',
    from: from && {id: from.id, isBot: from.is_bot},
    hasSenderChat: actor !== undefined,
    isForward: false,
    isEdit: false,
  });
  const before = acknowledging(lists.old_reaction);
  const after = acknowledging(lists.new_reaction);
  if (!user || (before === undefined) === (after === undefined)) return;
  const open = use.view().filter(({incident}) => incident?.cards.some((card) => cards.includes(card)));
  const checks = open.filter(({incident}) => (after === undefined ? isByReaction(incident, user) : isFree(incident)));
  if (checks.length === 0) return;
  // As if it were typed, so that roles and the audit are the same.
  const names = checks.map(({config}) => config.name).join(',');
  const call = callOf(use, user, {chatId: chat.id, text: after === undefined ? names : `${names} ${after}`});
  use.desk.take(after === undefined ? 'unack' : 'ack', call, () => ({handledUpdate: updateId}));
}

/** The cards that a message of a chat shows; empty for any other message. */
function cardsAt({config, store}: ListenUse, chatId: number, messageId: number): readonly number[] {
  return store.outbox
    .cardsAt(chatId, messageId)
    .filter(({channel}) => config.channels.get(channel)?.type === 'telegram')
    .map(({card}) => card);
}

/** Of a person's reactions the one that counts; the lists also hold stickers and stars. */
function acknowledging(reactions: MessageReactionUpdated['new_reaction']): string | undefined {
  const emoji = reactions.flatMap((reaction) => (reaction.type === 'emoji' ? [reaction.emoji] : []));
  return emoji.find((one) => ACKNOWLEDGING.has(one));
}

function isFree(incident: CheckView['incident']): boolean {
  return incident?.acknowledged === undefined;
}

function isByReaction(incident: CheckView['incident'], {id}: User): boolean {
  const ack = incident?.acknowledged;
  return ack?.by.id === id && ACKNOWLEDGING.has(ack.why);
}
