import type {GetChatMemberParams, GetChatParams} from '@gramio/types/params';
import type {Chat} from '../model.ts';
import {badRequest} from '../refusal.ts';
import {chatFor} from '../world.ts';
import type {Call, Methods} from './method.ts';

export const chats: Methods = {
  getChat: (params: GetChatParams, {world}: Call) => {
    const chat = chatFor(world, params.chat_id);
    const gifts = {unlimited_gifts: true, limited_gifts: true, unique_gifts: true, premium_subscription: true};
    return {...chat.info, accent_color_id: 0, max_reaction_count: 11, accepted_gift_types: gifts};
  },

  getChatMember: (params: GetChatMemberParams, {world, bot}: Call) => {
    const chat = chatFor(world, params.chat_id);
    if (params.user_id === bot.user.id) return {user: bot.user, ...standingOfBot(chat)};
    const user = world.users.get(params.user_id);
    if (user === undefined) throw badRequest('user not found');
    return {user, status: chat.members.has(user.id) ? 'member' : 'left'};
  },
};

/** Where it is a member at all, the bot is an administrator, so that it sees every message. */
function standingOfBot(chat: Chat): object {
  if (chat.info.type === 'private') return {status: 'member'};
  const rights = {can_delete_messages: true, can_pin_messages: true, can_manage_topics: true, can_manage_chat: true};
  return {status: 'administrator', can_be_edited: false, is_anonymous: false, ...rights};
}
