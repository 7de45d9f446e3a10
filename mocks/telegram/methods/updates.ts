import type {DeleteWebhookParams, GetUpdatesParams, SetWebhookParams} from '@gramio/types/params';
import {Refusal} from '../refusal.ts';
import type {Call, Methods} from './method.ts';

const WEBHOOK_ACTIVE =
  "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";

/** What only getMe tells of a bot. */
const ABILITIES = {can_join_groups: true, can_read_all_group_messages: true, supports_inline_queries: false};

export const updates: Methods = {
  getMe: (_: object, {bot}: Call) => ({...bot.user, ...ABILITIES}),

  getUpdates: (params: GetUpdatesParams, {bot, signal}: Call) => {
    if (bot.webhook !== '') throw new Refusal(409, WEBHOOK_ACTIVE);
    return bot.updates.poll(params, signal);
  },

  setWebhook: (params: SetWebhookParams, {bot}: Call) => {
    bot.webhook = params.url;
    bot.updates.allow(params.allowed_updates);
    if (params.drop_pending_updates === true) bot.updates.drop();
    if (params.url !== '') bot.updates.terminate('setWebhook request');
    return true;
  },

  deleteWebhook: (params: DeleteWebhookParams, {bot}: Call) => {
    bot.webhook = '';
    if (params.drop_pending_updates === true) bot.updates.drop();
    return true;
  },

  getWebhookInfo: (_: object, {bot}: Call) => ({
    url: bot.webhook,
    has_custom_certificate: false,
    pending_update_count: bot.updates.pending().length,
  }),
};
