import type {TelegramInlineKeyboardButton, TelegramInlineKeyboardMarkup} from '@gramio/types/objects';
import type {Message} from './model.ts';
import {badRequest} from './refusal.ts';

/** `callback_data` may have 1–64 bytes. */
const DATA_BYTES_MAX = 64;

/**
 * Takes the inline keyboard out of a `reply_markup`; reply keyboards are accepted and forgotten, as no message shows them.
 * Throws the official refusals.
 */
export function checkKeyboard(markup: unknown): Pick<Message, 'reply_markup'> {
  if (!isInline(markup)) return {};
  const rows = markup.inline_keyboard.filter((row) => row.length > 0);
  for (const button of rows.flat()) checkButton(button);
  return rows.length === 0 ? {} : {reply_markup: {...markup, inline_keyboard: rows}};
}

function isInline(markup: unknown): markup is TelegramInlineKeyboardMarkup {
  return typeof markup === 'object' && markup !== null && 'inline_keyboard' in markup;
}

function checkButton(button: TelegramInlineKeyboardButton): void {
  if (button.text.trim() === '') throw badRequest("can't parse inline keyboard button: Text of the button is empty");
  const {text: _, style: _style, icon_custom_emoji_id: _icon, ...action} = button;
  if (Object.keys(action).length === 0) {
    throw badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
  }
  if (button.callback_data === undefined) return;
  const bytes = Buffer.byteLength(button.callback_data);
  if (bytes < 1 || bytes > DATA_BYTES_MAX) throw badRequest('BUTTON_DATA_INVALID');
}
