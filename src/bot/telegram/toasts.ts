import type {ListenUse} from './listen.ts';

/** The pop-ups that answer presses. They are sent beside everything else: what a press orders waits for none of them. */
export interface Toasts {
  /**
   * Resolves when the chat's next press may be looked at: at once, unless several answers are still on their way there.
   * Never rejects: the order is carried out whether or not its answer finds its way.
   */
  show(chatId: number, queryId: string, text: string): Promise<void>;
  /** Resolves when none is on its way. */
  settled(): Promise<void>;
}

/** Somebody who presses without end takes no more connections than this from the alerts. */
const AT_ONCE_MAX = 4;
/** At the program's end, those on their way have this long. */
const LAST_MS = 500;

export function createToasts({api, clock, log}: Pick<ListenUse, 'api' | 'clock' | 'log'>, signal: AbortSignal): Toasts {
  const underWay = new Map<number, Set<Promise<void>>>();
  const ending = new AbortController();

  async function send(queryId: string, text: string): Promise<void> {
    const answer = {callback_query_id: queryId, text};
    await api.callApi('answerCallbackQuery', answer, {signal: ending.signal}).catch((error: unknown) => {
      if (!ending.signal.aborted) log.warn({reason: String(error)}, 'a button could not be answered');
    });
  }

  async function show(chatId: number, queryId: string, text: string): Promise<void> {
    const here = underWay.get(chatId) ?? new Set();
    underWay.set(chatId, here);
    const sending = send(queryId, text).finally(() => {
      here.delete(sending);
      if (here.size === 0) underWay.delete(chatId);
    });
    here.add(sending);
    if (here.size >= AT_ONCE_MAX) await Promise.race(here);
  }

  async function settled(): Promise<void> {
    await Promise.all([...underWay.values()].flatMap((here) => [...here]));
  }

  const end = () => {
    const unset = clock.after(LAST_MS, () => ending.abort());
    void settled().then(unset);
  };
  signal.addEventListener('abort', end, {once: true});
  return {show, settled};
}
