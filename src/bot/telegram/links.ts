import type {Incident} from '../../state/vocabulary.ts';
import type {Store} from '../../store/store.ts';

/** Where the incident's own card is in this channel, if that is not the one that is rendered. */
export function cardLinks(
  {outbox}: Pick<Store, 'outbox'>,
  {chatId, lane}: {readonly chatId: number; readonly lane: string},
  shown?: number,
): (incident: Incident) => string | undefined {
  return ({cards}) => {
    const links = cards.map((card) => (card === shown ? undefined : linkTo(outbox.cardMessage(card, lane), chatId)));
    return links.findLast((link) => link !== undefined);
  };
}

/** What Telegram puts before the number of a supergroup to make its id. Other chats have no links to their messages. */
const SUPERGROUP = /^-100(\d+)$/;

function linkTo(message: ReturnType<Store['outbox']['cardMessage']>, chatId: number): string | undefined {
  const [, number] = SUPERGROUP.exec(String(chatId)) ?? [];
  return message?.chatId === chatId && number ? `https://t.me/c/${number}/${message.messageId}` : undefined;
}
