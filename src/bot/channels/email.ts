import type {EmailChannelConfig} from '../../config/config.ts';
import type {Message} from '../../state/vocabulary.ts';
import type {Channel, ChannelKind, ChannelUse, Delivery, Outcome} from './channel.ts';
import {composeMail, messageIdOf} from './email-compose.ts';
import {sendMail} from './email-send.ts';

/**
 * Mails to one or more people. A mail cannot be edited: of a card's edits, those become mails that say who is on it; the rest
 * is told by mails of its own (recoveries, reminders), or is in the next one.
 */
export function createEmailChannel(use: ChannelUse, config: EmailChannelConfig): Channel {
  return {
    name: config.name,
    deliver: async (delivery, signal) => {
      if (isNeedless(delivery.message)) return {kind: 'needless'};
      const mail = composeMail(delivery, {...use, config, thread: threadOf(use, config, delivery)});
      const {outcome, refused} = await sendMail(mail, {config, clock: use.clock, signal});
      for (const {address, reason} of refused)
        use.log.warn({channel: config.name, id: delivery.row.id, address, reason}, 'a recipient was refused');
      return outcome.kind === 'delivered' ? {...outcome, ...threadStart(delivery)} : outcome;
    },
  };
}

const kind: ChannelKind<'email'> = {type: 'email', create: (config, use) => createEmailChannel(use, config)};

export default kind;

function isNeedless(message: Message): boolean {
  if (message.kind !== 'edit') return false;
  const isAboutPeople = message.reason === 'acknowledged' || message.reason === 'acknowledgement_ended';
  return !isAboutPeople || message.incidents.every(({closedAt}) => closedAt !== undefined);
}

/** A card's first mail is found again by the two numbers that its Message-ID is made of. */
function threadStart({row, message}: Delivery): Pick<Outcome & {kind: 'delivered'}, 'chatId' | 'messageId'> {
  return message.kind === 'card' ? {chatId: row.createdAt, messageId: row.id} : {};
}

function threadOf(
  {store, reader}: ChannelUse,
  {from}: EmailChannelConfig,
  {row, message}: Delivery,
): string | undefined {
  if (!('card' in message) || message.kind === 'card') return undefined;
  const first = store.outbox.cardMessage(message.card, row.lane);
  return first && messageIdOf({createdAt: first.chatId, id: first.messageId}, from, reader.server);
}
