import type {Api} from './api.ts';
import type {World} from './world.ts';

export interface WaitOptions {
  readonly timeoutMs?: number;
  /** What is waited for, as a noun: `the alert card`. */
  readonly what?: string;
}

/** How often the predicate is asked although nothing has happened here: it may look at something else as well. */
const LOOK_EVERY_MS = 50;
const DUMPED_MESSAGES_MAX = 8;
const DUMPED_REQUESTS_MAX = 12;
const DUMPED_TEXT_MAX = 160;

/** Patience of a test is real time, whatever clock the simulator runs by. */
export function createWaiter(parts: {world: World; api: Api}) {
  return <T>(predicate: () => T | undefined | null | false, options: WaitOptions = {}): Promise<T> => {
    const {timeoutMs = 5000, what = 'what the test waits for'} = options;
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        clearInterval(interval);
        unsubscribe();
        settle();
      };
      const look = () => {
        try {
          const found = predicate();
          if (found !== undefined && found !== null && found !== false) end(() => resolve(found));
        } catch (error) {
          end(() => reject(error));
        }
      };
      const fail = () => reject(new Error(`${what}: not within ${timeoutMs} ms\n${dump(parts)}`));
      const timer = setTimeout(() => end(fail), timeoutMs);
      const interval = setInterval(look, LOOK_EVERY_MS);
      const unsubscribe = parts.world.subscribe(look);
      look();
    });
  };
}

function dump({world, api}: {world: World; api: Api}): string {
  const lines: string[] = [];
  for (const chat of world.chats.values()) {
    if (chat.messages.length === 0) continue;
    lines.push(`chat ${chat.info.id} ${chat.info.title ?? chat.info.first_name ?? ''}:`);
    for (const {current, deleted, versions} of chat.messages.slice(-DUMPED_MESSAGES_MAX)) {
      const marks = `${deleted ? ' (deleted)' : ''}${versions.length > 0 ? ` (edited ${versions.length}×)` : ''}`;
      const buttons = current.reply_markup?.inline_keyboard.flat().map(({text}) => `[${text}]`) ?? [];
      const said = `${brief(current.text ?? '')} ${buttons.join(' ')}`;
      lines.push(`  #${current.message_id} ${current.from?.first_name ?? '?'}${marks}: ${said}`);
    }
  }
  lines.push('last requests:');
  for (const {method, params, answer, fault} of api.requests.slice(-DUMPED_REQUESTS_MAX)) {
    const outcome = fault ?? (answer === undefined ? 'under way' : brief(JSON.stringify(answer)));
    lines.push(`  ${method} ${brief(JSON.stringify(params))} → ${outcome}`);
  }
  for (const violation of api.violations) lines.push(`violation: ${violation}`);
  return lines.join('\n');
}

const brief = (text: string) => (text.length > DUMPED_TEXT_MAX ? `${text.slice(0, DUMPED_TEXT_MAX)}…` : text);
