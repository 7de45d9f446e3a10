import type {Message} from '../../src/state/vocabulary.ts';
import type {Trouble} from './trouble.ts';

/** Nobody reads last that a check is back while it is down: the card of its next failure follows in that channel at once. */
export function checkLastWords(
  messages: readonly Message[],
  down: ReadonlyMap<string, unknown>,
  fail: (sentence: string) => void,
): void {
  for (const [i, {kind, channel, ...message}] of messages.entries()) {
    if (kind !== 'recovery' || !('incidents' in message)) continue;
    const rest = messages.slice(i + 1).filter((later) => later.channel === channel);
    for (const {check} of message.incidents) {
      if (down.has(check) && !rest.some((later) => tellsOf(later, check)))
        fail(`${check} was told to be back in ${channel}, and is down`);
    }
  }
}

/** Nor does anybody hear that it is down before they heard that it was back. */
export function checkOrder(
  {check, openedAt}: Trouble,
  channel: string,
  troubles: Iterable<Trouble>,
  fail: (sentence: string) => void,
): void {
  for (const other of troubles) {
    if (other.check !== check || other.closedAt === undefined || other.flapped || other.handedOver) continue;
    if (other.openedAt === openedAt || other.toldOver.has(channel)) continue;
    if (other.told.has(channel) || other.escalated.has(channel))
      fail(`${check} was told to be down in ${channel}, which has not heard that it was back`);
  }
}

function tellsOf(message: Message, name: string): boolean {
  if (message.kind !== 'card') return false;
  return message.incidents.some(({check, closedAt}) => check === name && closedAt === undefined);
}
