import type {Logger} from 'pino';
import type {Clock} from '../../clock.ts';
import type {ChannelConfig} from '../../config/config.ts';
import type {Message} from '../../state/vocabulary.ts';
import type {OutboxRow, Store} from '../../store/store.ts';
import type {Machine} from '../messages/machine.ts';
import type {Reader} from '../messages/render.ts';
import type {TelegramSide} from '../telegram/side.ts';

/**
 * A type of channel: what `src/bot/channels/TYPE.ts` exports by default. It is loaded when a config first has a channel of
 * this type, so it may import what it needs.
 */
export interface ChannelKind<Type extends ChannelConfig['type'] = ChannelConfig['type']> {
  readonly type: Type;
  /** Must not touch the network. Undefined where what it needs is not there. */
  create(config: Extract<ChannelConfig, {readonly type: Type}>, use: ChannelUse): Channel | undefined;
}

/** What a channel may use. */
export interface ChannelUse {
  readonly reader: Reader;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: Pick<Store, 'outbox'>;
  /** How this machine is doing, for `system_info`. */
  readonly machine: () => Machine;
  /** A line on the console. */
  readonly print: (text: string) => void;
  readonly telegram: TelegramSide | undefined;
}

/** Where messages go. */
export interface Channel {
  readonly name: string;
  /** How long to wait before the next delivery (a budget of sending); left out: none. Milliseconds. */
  waitMs?(): number;
  /** Where another lane leads to the same place, the lane under whose name all of them rest when it asks for that. */
  restsAs?(): string;
  /** Never rejects: what the world does is an outcome. */
  deliver(delivery: Delivery, signal: AbortSignal): Promise<Outcome>;
}

export interface Delivery {
  readonly row: OutboxRow;
  /** The row's message, or the newest state of its card where edits have piled up behind it. */
  readonly message: Message;
}

export type Outcome =
  /** With two numbers by which the channel finds the message of a card again (`cardMessage`); Telegram's chat and message. */
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
