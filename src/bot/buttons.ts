import {randomBytes} from 'node:crypto';
import type {Clock} from '../clock.ts';
import type {CardMessage, Incident, Keyboard} from '../state/vocabulary.ts';
import type {Button, TelegramTables} from '../store/store.ts';
import {mayDo} from './access.ts';
import type {AnswerButton, Command} from './commands/command.ts';
import {clip} from './messages/html.ts';
import type {Reader} from './messages/render.ts';

/** Under an answer: whoever comes back to it a day later asks anew. */
const ANSWER_BUTTON_MS = 24 * 3_600_000;
/** On a card: an incident that lasts longer gets its acknowledgement by command. */
const CARD_BUTTON_MS = 7 * 24 * 3_600_000;
/** 128 bits: not to be guessed, and far below Telegram's 64 bytes of callback_data. */
const ID_BYTES = 16;
const LABEL_UNITS_MAX = 60;

/** The buttons of an answer: those of its message, and the rows that know what they do. */
export interface Pressables {
  readonly keyboard: Keyboard;
  readonly created: readonly Button[];
}

/**
 * A button that `shown` (what can still be pressed on the message that is edited) has already keeps its id, so that turning
 * pages back and forth leaves no rows behind.
 */
export function pressables(
  wanted: readonly (readonly AnswerButton[])[],
  place: {readonly chatId: number; readonly messageId?: number; readonly now: number},
  use: {readonly shown: readonly Button[]; readonly commands: readonly Command[]},
): Pressables {
  const created: Button[] = [];
  const keyboard = wanted.map((row) =>
    row.map((one) => {
      const button = buttonOf(one, place, use.commands);
      const known = use.shown.find((other) => !other.once && doesTheSame(other, button));
      if (!known) created.push(button);
      return {label: clip(one.label, LABEL_UNITS_MAX), id: (known ?? button).id};
    }),
  );
  return {keyboard, created};
}

function buttonOf(
  wanted: AnswerButton,
  {chatId, messageId, now}: {readonly chatId: number; readonly messageId?: number; readonly now: number},
  commands: readonly Command[],
): Button {
  const {command, text} = parsePress(wanted.press);
  const role = commands.find(({name}) => name === command)?.role ?? 'admin';
  return {
    id: newId(),
    command,
    text,
    show: wanted.show ?? (wanted.refresh === undefined ? 'here' : 'toast'),
    ...(wanted.refresh !== undefined && {refresh: wanted.refresh}),
    once: wanted.once ?? !mayDo('viewer', role),
    ...(wanted.user !== undefined && {user: wanted.user}),
    ...(wanted.confirms && {confirms: wanted.confirms}),
    card: 0,
    chatId,
    ...(messageId !== undefined && {messageId}),
    expiresAt: now + (wanted.ms ?? ANSWER_BUTTON_MS),
  };
}

/** `ack billing-api on it` → the command's name, and what follows it. */
export function parsePress(press: string): {readonly command: string; readonly text: string} {
  const [, command = '', text = ''] = /^(\S*)\s*([\s\S]*)$/.exec(press) ?? [];
  return {command, text};
}

function doesTheSame(one: Button, other: Button): boolean {
  const what = ({command, text, show, refresh, user, confirms}: Button) => [
    command,
    text,
    show,
    refresh,
    user,
    confirms,
  ];
  return JSON.stringify(what(one)) === JSON.stringify(what(other));
}

/** As Telegram wants it; an empty one takes the buttons away. */
export function inlineKeyboard(keyboard: Keyboard): object {
  return {inline_keyboard: keyboard.map((row) => row.map(({label, id}) => ({text: label, callback_data: id})))};
}

/** The keyboard of a card. */
export interface CardKeyboard {
  readonly markup: object | undefined;
  /** Tells its buttons in which message they ended up. */
  bind(messageId: number): void;
}

/** What may be ordered from the card of one open incident: other cards have no buttons. */
export function cardKeyboard(
  use: {
    readonly store: {readonly telegram: TelegramTables};
    readonly clock: Clock;
    readonly reader: Reader;
    readonly takesOrders: boolean;
  },
  message: CardMessage,
  chatId: number,
): CardKeyboard {
  const [incident] = message.incidents;
  const isAlone = incident !== undefined && message.incidents.length === 1 && incident.closedAt === undefined;
  const orders = use.takesOrders && isAlone ? ordersOn(incident, use.reader) : [];
  if (orders.length === 0) return {markup: undefined, bind: () => {}};
  const tables = use.store.telegram;
  const row = orders.map(({label, ...order}) => {
    const {id} = tables.findButton(message.card, chatId, order.command) ?? create(order, incident?.check ?? '');
    return {label, id};
  });
  return {
    markup: inlineKeyboard([row]),
    bind: (messageId) => {
      for (const {id} of row) tables.bindButton(id, messageId);
    },
  };

  function create(order: Omit<CardOrder, 'label'>, text: string): Button {
    const expiresAt = use.clock.now() + CARD_BUTTON_MS;
    const button: Button = {...order, id: newId(), text, card: message.card, chatId, expiresAt};
    tables.createButton(button);
    return button;
  }
}

type CardOrder = {readonly label: string} & Pick<Button, 'command' | 'show' | 'once'>;

/** Acknowledge, while nobody has; and the recovery, while it waits for an admin, who is then asked whether that is meant. */
function ordersOn({acknowledged, recovery}: Incident, {words}: Reader): CardOrder[] {
  return [
    ...(acknowledged ? [] : [{label: words.card.acknowledge, command: 'ack', show: 'toast', once: true} as const]),
    ...(recovery?.waits === 'approval'
      ? [{label: words.card.recover, command: 'recover', show: 'below', once: false} as const]
      : []),
  ];
}

function newId(): string {
  return randomBytes(ID_BYTES).toString('base64url');
}
