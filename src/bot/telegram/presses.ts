import type {User} from '../../config/config.ts';
import type {Button} from '../../store/store.ts';
import {parsePress} from '../buttons.ts';
import type {Answer} from '../commands/command.ts';
import type {Attached, Taken} from '../desk.ts';
import type {Words} from '../messages/en.ts';
import {clip, plainText} from '../messages/html.ts';
import type {ListenUse} from './listen.ts';
import {attachment, callOf} from './orders.ts';

export interface Press {
  readonly id: string;
  readonly chatId: number;
  readonly messageId: number;
  readonly threadId?: number;
  readonly languageCode?: string;
}

interface Pressed {
  /** The words for the pop-up; empty: none. */
  readonly toast: string;
  /** Resolves when the chat's next message may be looked at. */
  readonly settled: Promise<unknown>;
}

/** core.telegram.org/bots/api#answercallbackquery */
const TOAST_UNITS_MAX = 200;

/** The role is looked at again, whoever the button was meant for. Order, use of the button and answer are one commit. */
export function takePress(use: ListenUse, user: User, press: Press, updateId: number): Pressed {
  const button = use.store.telegram.button(press.id);
  const refusal = whyNot(use, button, press, user);
  if (button && refusal === 'notYours') deny(use, user, {button, press, updateId});
  if (!button || refusal !== undefined) {
    const {words} = use.readers.of({...press, person: user});
    return {toast: words.button[refusal ?? 'expired'], settled: Promise.resolve()};
  }
  const taken = carryOut(use, user, {button, press, updateId});
  const isShown = (button.show !== 'toast' || taken.confirm === true) && !taken.denied;
  const said = taken.toast ?? (isShown ? '' : taken.lines.join('\n'));
  const refreshed = taken.denied || taken.confirm ? undefined : refresh(use, user, {button, press, updateId}, taken);
  refreshed?.catch((error: unknown) => use.log.error({err: error}, 'a message could not be brought up to date'));
  const isLong = taken.rest !== undefined && taken.lines.length > 0;
  const settled = isLong ? Promise.resolve() : Promise.all([taken.rest, refreshed]);
  return {toast: clip(plainText(said), TOAST_UNITS_MAX), settled};
}

interface Case {
  readonly button: Button;
  readonly press: Press;
  readonly updateId: number;
}

function carryOut(use: ListenUse, user: User, {button, press, updateId}: Case): Taken {
  const {chatId, messageId, threadId} = press;
  const topic = threadId === undefined ? {} : {threadId};
  const edits = button.show === 'here' ? {edits: messageId} : {replyTo: messageId};
  const spent = button.once ? [button.id] : [];
  const call = {
    ...callOf(use, user, {...press, text: button.text}),
    ...(button.confirms && {confirmed: true as const}),
  };
  let isFirst = true;
  const attach = attachment(use, call, {chatId, ...topic, ...edits}, updateId);
  return use.desk.take(button.command, call, (answer: Answer): ReturnType<Attached> => {
    // A question back needs its buttons, and a result that nobody shows anew a message of its own.
    const isPopUp = button.show === 'toast' && !answer.confirm && (isFirst || button.refresh !== undefined);
    isFirst = false;
    // Whoever may not give the order leaves the message and the button to those who may.
    if (answer.denied) return {handledUpdate: updateId};
    if (isPopUp) return {handledUpdate: updateId, usedButtons: spent};
    const parts = attach(answer);
    return {...parts, usedButtons: [...spent, ...(parts.usedButtons ?? [])]};
  });
}

/** Whoever tries to answer a question for somebody else is written down. */
function deny(use: ListenUse, user: User, {button, press, updateId}: Case): void {
  use.desk.deny(button.command, callOf(use, user, {chatId: press.chatId, text: button.text}), updateId);
}

/** The message that carries the button is brought up to date when the order, and what follows from it, is done. */
async function refresh(use: ListenUse, user: User, {button, press, updateId}: Case, taken: Taken): Promise<void> {
  if (button.refresh === undefined) return;
  await taken.rest;
  const {command, text} = parsePress(button.refresh);
  const {chatId, messageId} = press;
  const call = callOf(use, user, {...press, text});
  await use.desk.take(command, call, attachment(use, call, {chatId, edits: messageId}, updateId)).rest;
}

function whyNot(
  {clock}: ListenUse,
  button: Button | undefined,
  press: Press,
  user: User,
): keyof Words['button'] | undefined {
  const isHere =
    button?.chatId === press.chatId && (button.messageId === undefined || button.messageId === press.messageId);
  if (!button || !isHere || button.expiresAt <= clock.now()) return 'expired';
  if (button.usedAt !== undefined) return 'used';
  if (button.user !== undefined && button.user !== user.id) return 'notYours';
  return undefined;
}
