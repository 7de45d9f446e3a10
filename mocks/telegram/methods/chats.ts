import type {
  GetChatMemberParams,
  GetChatParams,
  PinChatMessageParams,
  UnpinChatMessageParams,
} from '@gramio/types/params';
import type {Chat} from '../model.ts';
import {badRequest} from '../refusal.ts';
import {chatFor, messageIn} from '../world.ts';
import type {Call, Methods} from './method.ts';

export const chats: Methods = {
  pinChatMessage: (params: PinChatMessageParams, call: Call) => {
    const chat = pinnable(call, params);
    chat.pinned = [...chat.pinned.filter((id) => id !== params.message_id), params.message_id];
    // What tells the others of it is a message too, though nobody sees it here.
    call.world.store(chat, {from: call.bot.user}, call.bot);
    call.world.notify({kind: 'pinned', chat: chat.info.id});
    return true;
  },

  unpinChatMessage: (params: UnpinChatMessageParams, {world}: Call) => {
    const chat = chatFor(world, params.chat_id);
    chat.pinned = chat.pinned.filter((id) => params.message_id !== undefined && id !== params.message_id);
    world.notify({kind: 'pinned', chat: chat.info.id});
    return true;
  },

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

function pinnable({world}: Call, {chat_id, message_id}: PinChatMessageParams): Chat {
  const chat = chatFor(world, chat_id);
  const isAllowed = chat.info.type === 'private' || chat.botsAreAdmins;
  if (!isAllowed) throw badRequest('not enough rights to manage pinned messages in the chat');
  if (!messageIn(chat, message_id)) throw badRequest('message to pin not found');
  return chat;
}

function standingOfBot(chat: Chat): object {
  if (chat.info.type === 'private' || !chat.botsAreAdmins) return {status: 'member'};
  const rights = {can_delete_messages: true, can_pin_messages: true, can_manage_topics: true, can_manage_chat: true};
  return {status: 'administrator', can_be_edited: false, is_anonymous: false, ...rights};
}
