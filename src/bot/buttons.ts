import {randomBytes} from 'node:crypto';
import type {Clock} from '../clock.ts';
import type {CardMessage} from '../state/vocabulary.ts';
import type {TelegramTables} from '../store/store.ts';
import type {Reader} from './messages/render.ts';

/** The inline keyboard of a card, and how to tell its buttons in which message they ended up. */
export interface Keyboard {
  readonly markup: object | undefined;
  bind(messageId: number): void;
}

/** An incident that lasts longer gets its acknowledgement by command. */
const BUTTON_MS_MAX = 7 * 24 * 3_600_000;
/** 128 bits: not to be guessed, and far below Telegram's 64 bytes of callback_data. */
const ID_BYTES = 16;

/** An Acknowledge button on the card of one open incident that nobody has acknowledged; otherwise none. */
export function createButton(
  use: {
    readonly store: {readonly telegram: TelegramTables};
    readonly clock: Clock;
    readonly reader: Reader;
    readonly takesOrders: boolean;
  },
  message: CardMessage,
  chatId: number,
): Keyboard {
  const [incident] = message.incidents;
  const wanted =
    use.takesOrders &&
    incident &&
    message.incidents.length === 1 &&
    !incident.acknowledged &&
    incident.closedAt === undefined;
  if (!wanted) return {markup: undefined, bind: () => {}};
  const tables = use.store.telegram;
  const button = tables.findButton(message.card, chatId, 'ack') ?? {
    id: randomBytes(ID_BYTES).toString('base64url'),
    action: 'ack' as const,
    check: incident.check,
    card: message.card,
    chatId,
    expiresAt: use.clock.now() + BUTTON_MS_MAX,
  };
  if (!tables.button(button.id)) tables.createButton(button);
  return {
    markup: {inline_keyboard: [[{text: use.reader.words.card.acknowledge, callback_data: button.id}]]},
    bind: (messageId) => tables.bindButton(button.id, messageId),
  };
}
