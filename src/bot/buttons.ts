import {randomBytes} from 'node:crypto';
import type {Clock} from '../clock.ts';
import type {CardMessage, Incident, Keyboard} from '../state/vocabulary.ts';
import type {Button, TelegramTables} from '../store/store.ts';
import {mayDo} from './access.ts';
import type {AnswerButton, Command} from './commands/command.ts';
import type {Words} from './messages/en.ts';
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

/**
 * What the reader of a card may want next. Of one incident: to acknowledge it, or to take that back, to let a recovery run
 * that waits for a word, its details, an hour of silence. Of several: to acknowledge all, and the details of the first ones.
 * None once everything is over.
 */
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
  const wanted = use.takesOrders ? wantedOn(message, use.reader) : [];
  if (wanted.length === 0) return {markup: undefined, bind: () => {}};
  const tables = use.store.telegram;
  const keyboard = wanted.map((row) => row.map((one) => ({label: clip(one.label, LABEL_UNITS_MAX), id: idOf(one)})));
  return {
    markup: inlineKeyboard(keyboard),
    bind: (messageId) => {
      for (const {id} of keyboard.flat()) tables.bindButton(id, messageId);
    },
  };

  function idOf({press, show, once}: CardButton): string {
    const {command, text} = parsePress(press);
    const known = tables.findButton(message.card, chatId, command, text);
    if (known) return known.id;
    const expiresAt = use.clock.now() + CARD_BUTTON_MS;
    const button: Button = {id: newId(), command, text, show, once, card: message.card, chatId, expiresAt};
    tables.createButton(button);
    return button.id;
  }
}

type CardButton = Required<Pick<AnswerButton, 'label' | 'press' | 'show' | 'once'>>;

/** Of a list, so many have a button each: more would hide the chat. */
const DETAILED_MAX = 5;

function wantedOn({incidents, total}: CardMessage, {words}: Reader): CardButton[][] {
  const open = incidents.filter(({closedAt}) => closedAt === undefined);
  const [incident] = open;
  if (!incident) return [];
  if (total === 1) return onOne(incident, words);
  const free = open.filter(({acknowledged}) => !acknowledged).map(({check}) => check);
  const all = order(words.card.acknowledgeAll(free.length), `ack ${free.join(',')}`);
  return [
    ...(free.length > 1 ? [[all]] : []),
    ...open.slice(0, DETAILED_MAX).map(({check}) => [details(check, check)]),
  ];
}

function onOne({check, acknowledged, recovery}: Incident, {card, detail}: Words): CardButton[][] {
  const ack = acknowledged ? order(detail.takeBack, `unack ${check}`) : order(card.acknowledge, `ack ${check}`);
  // An hour later it may be wanted again, on a card that has not changed since.
  const quiet = {...order(detail.silence('1h'), `silence ${check} 1h`), once: false};
  // It waits for an admin, who is then asked whether that is meant.
  const waits = recovery?.waits === 'approval';
  const recover = {label: card.recover, press: `recover ${check}`, show: 'below', once: false} as const;
  return [
    [ack, ...(waits ? [recover] : [])],
    [details(card.details, check), quiet],
  ];
}

function order(label: string, press: string): CardButton {
  return {label, press, show: 'toast', once: true};
}

function details(label: string, check: string): CardButton {
  return {label, press: `check ${check}`, show: 'below', once: false};
}

function newId(): string {
  return randomBytes(ID_BYTES).toString('base64url');
}
