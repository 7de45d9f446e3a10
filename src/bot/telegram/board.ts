import type {Logger} from 'pino';
import type {Clock} from '../../clock.ts';
import type {ChannelConfig, Config} from '../../config/config.ts';
import type {CheckView} from '../../state/view.ts';
import type {Board, Store} from '../../store/store.ts';
import type {Budget} from '../budget.ts';
import {chatLane, edit, post} from '../channels/telegram.ts';
import type {Reader} from '../messages/render.ts';
import {type OpsTelegram, Refused, Unreachable} from './api.ts';
import {boardText} from './board-text.ts';
import {cardLinks} from './links.ts';

export interface BoardUse {
  readonly api: OpsTelegram;
  readonly budget: Budget;
  readonly config: Config;
  readonly store: Pick<Store, 'outbox' | 'telegram'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly reader: (channel: string) => Reader;
  readonly view: () => readonly CheckView[];
}

/** A board is edited at most this often. */
export const BOARD_EVERY_MS = 5_000;
/** Of the 20 messages that a group may be sent in a minute, a board leaves this many for whatever else is to be said. */
const SPARE_FOR_ALERTS = 8;
/** After a refusal that the same words would meet again, and the longest wait for a Telegram that is out of reach. */
const REFUSED_PAUSE_MS = 600_000;
const UNREACHABLE_PAUSE_MS_MAX = 300_000;

type TelegramChannel = Extract<ChannelConfig, {readonly type: 'telegram'}>;

/**
 * Keeps one pinned message in each chat that shows how everything is, until the signal aborts. Never rejects. A board is no
 * outbox row: it can be made anew from the state at any time, so that an edit that is lost loses nothing, and whatever else
 * is to be said in the chat goes first.
 */
export async function keepBoards(use: BoardUse, signal: AbortSignal): Promise<void> {
  const {config, store, clock, log} = use;
  const isOn = config.telegram?.board === true;
  const channels = isOn ? firstOfEachChat(use) : [];
  const kept = new Set(channels.map(({chatId}) => store.telegram.currentChatId(chatId)));
  const ended = store.telegram.boards().filter(({chatId}) => !kept.has(chatId));
  const loops = [
    ...channels.map((channel) => createKeeper(use, channel)),
    ...ended.map((board) => () => end(use, board, signal)),
  ];
  await Promise.all(
    loops.map(async (turn) => {
      while (!signal.aborted) {
        await clock.sleep(BOARD_EVERY_MS, signal);
        if (signal.aborted) break;
        const isDone = await turn(signal).catch((error) => void log.error({err: error}, 'a board cannot be kept'));
        if (isDone) break;
      }
    }),
  );
}

/** One chat may be several channels: topics of a forum. The board stands where the first of them does, in its language. */
function firstOfEachChat({config, store}: BoardUse): TelegramChannel[] {
  const chats = new Map<number, TelegramChannel>();
  for (const channel of config.channels.values()) {
    if (channel.type !== 'telegram') continue;
    const chatId = store.telegram.currentChatId(channel.chatId);
    if (!chats.has(chatId)) chats.set(chatId, channel);
  }
  return [...chats.values()];
}

/** Brings the chat's board up to date; resolves with true when there will be nothing left to do. */
function createKeeper(use: BoardUse, channel: TelegramChannel): (signal: AbortSignal) => Promise<boolean> {
  const {store, clock, log} = use;
  const tables = store.telegram;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let failures = 0;
  /** So that a right that the bot lacks is complained of once. */
  const complaints = new Set<string>();

  return async (signal) => {
    const chatId = tables.currentChatId(channel.chatId);
    if (clock.monotonic() < pausedUntil || mustYield(use, chatId)) return false;
    try {
      const changed = await show(chatId, signal);
      const board = tables.board(chatId);
      if (!changed && board && !board.isPinned && !complaints.has('pin')) await pin(board, signal);
      failures = 0;
    } catch (error) {
      pausedUntil = clock.monotonic() + pauseAfter(error);
    }
    return false;
  };

  async function show(chatId: number, signal: AbortSignal): Promise<boolean> {
    const link = cardLinks(store, {chatId, lane: channel.name});
    const dead = tables.deadChannels();
    const html = boardText(use.view(), {...use.reader(channel.name), link}, {now: clock.now(), dead});
    const before = tables.board(chatId);
    if (before?.html === html) return false;
    use.budget.spend(chatId, clock.monotonic());
    if (before && (await edit(use, before, html, undefined, signal))) {
      tables.saveBoard({...before, html});
      return true;
    }
    // Somebody deleted it. A new one must not be sent in the same second.
    if (before) tables.forgetBoard(chatId);
    else await create(chatId, html, signal);
    return true;
  }

  async function create(chatId: number, html: string, signal: AbortSignal): Promise<void> {
    const place = {
      ...{chatId, isSilent: true as const},
      ...(channel.threadId !== undefined && {threadId: channel.threadId}),
      ...(channel.protectContent && {protectContent: true as const}),
    };
    const sent = await post(use, place, html, {}, signal);
    if (sent.kind !== 'delivered' || sent.messageId === undefined) return;
    tables.saveBoard({chatId, messageId: sent.messageId, html, isPinned: false});
  }

  async function pin(board: Board, signal: AbortSignal): Promise<void> {
    const {chatId, messageId} = board;
    try {
      use.budget.spend(chatId, clock.monotonic());
      const payload = {chat_id: chatId, message_id: messageId, disable_notification: true};
      await use.api.callApi('pinChatMessage', payload, {signal});
      tables.saveBoard({...board, isPinned: true});
    } catch (error) {
      if (!(error instanceof Refused && error.permanent)) throw error;
      const about = {channel: channel.name, reason: error.message};
      complain('pin', () => log.warn(about, 'the board is not pinned: let the bot pin messages there, and restart'));
    }
  }

  function pauseAfter(error: unknown): number {
    failures++;
    if (error instanceof Refused) {
      if (error.migrateTo !== undefined) {
        const former = tables.currentChatId(channel.chatId);
        tables.migrateChat(former, error.migrateTo);
        tables.forgetBoard(former);
        return 0;
      }
      if (error.retryAfterMs !== undefined) {
        tables.block(chatLane(tables.currentChatId(channel.chatId)), clock.now() + error.retryAfterMs);
        return error.retryAfterMs;
      }
      const about = {channel: channel.name, reason: error.message};
      complain('show', () => log.warn(about, 'the board cannot be shown'));
      return REFUSED_PAUSE_MS;
    }
    if (!(error instanceof Unreachable)) throw error;
    return Math.min(UNREACHABLE_PAUSE_MS_MAX, BOARD_EVERY_MS * 2 ** Math.min(failures, 10));
  }

  function complain(what: string, say: () => void): void {
    if (!complaints.has(what)) say();
    complaints.add(what);
  }
}

/** While anything waits to be said in the chat, or would have to wait for a board. */
function mustYield({store, config, budget, clock}: BoardUse, chatId: number): boolean {
  const tables = store.telegram;
  const isHere = (lane: string) => {
    const channel = config.channels.get(lane);
    if (channel?.type === 'telegram') return tables.currentChatId(channel.chatId) === chatId;
    return lane === chatLane(chatId);
  };
  const isWaiting = store.outbox.lanes().some(({lane}) => isHere(lane));
  const isResting = tables.blockedUntil(chatLane(chatId)) > clock.now();
  return isWaiting || isResting || budget.waitMs(chatId, clock.monotonic(), SPARE_FOR_ALERTS) > 0;
}

/** A board that nobody keeps any more would go on saying that all is well. */
async function end(use: BoardUse, board: Board, signal: AbortSignal): Promise<boolean> {
  const {api, store, reader} = use;
  const {chatId, messageId} = board;
  if (mustYield(use, chatId)) return false;
  use.budget.spend(chatId, use.clock.monotonic());
  try {
    await edit(use, board, reader('').words.board.ended, undefined, signal);
    // Also one that is not known to be pinned: the answer to that may never have come.
    await api.callApi('unpinChatMessage', {chat_id: chatId, message_id: messageId}, {signal});
  } catch (error) {
    if (!(error instanceof Refused)) return false;
    if (error.retryAfterMs !== undefined) await use.clock.sleep(error.retryAfterMs, signal);
    if (!error.permanent && error.migrateTo === undefined) return false;
  }
  store.telegram.forgetBoard(chatId);
  return true;
}
