import type {Message} from '../../state/vocabulary.ts';
import type {OutboxRow} from '../../store/store.ts';

/** Where messages go. One file in this folder per type of channel. */
export interface Channel {
  readonly name: string;
  /** How long to wait before the next delivery (a budget of sending); left out: none. Milliseconds. */
  waitMs?(): number;
  /** Never rejects: what the world does is an outcome. */
  deliver(delivery: Delivery, signal: AbortSignal): Promise<Outcome>;
}

export interface Delivery {
  readonly row: OutboxRow;
  /** The row's message, or the newest state of its card where edits have piled up behind it. */
  readonly message: Message;
}

export type Outcome =
  | {readonly kind: 'delivered'; readonly chatId?: number; readonly messageId?: number}
  /** There was nothing left to say, so nothing was sent; of the channel's health this says nothing. */
  | {readonly kind: 'needless'}
  /** Certainly not delivered; `retryAfterMs` where the other side named a time. */
  | {readonly kind: 'retry'; readonly reason: string; readonly retryAfterMs?: number}
  /** Perhaps delivered: the connection broke after the request had left. */
  | {readonly kind: 'doubt'; readonly reason: string}
  /** Never to be delivered to this channel. */
  | {readonly kind: 'refused'; readonly reason: string; readonly channelDead: boolean}
  | {readonly kind: 'migrated'; readonly from: number; readonly to: number};
