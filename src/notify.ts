import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import type {Logger} from 'pino';
import {type AnnounceUse, announce} from './announce.ts';
import type {Config} from './config/config.ts';
import {openDatagrams} from './notify/socket.ts';

/**
 * What systemd is told of this service (sd_notify(3)), if NOTIFY_SOCKET is in the environment, and people of its
 * configuration.
 */
export interface Notify {
  /** A configuration is in force. A start is over when the first checks have `ran`, a reload at once. */
  begun(of: Begun): void;
  /** The configuration was read again and is not taken. */
  refused(problems: string): void;
  /** No longer in force: another one follows, or the end. */
  ended(isReload: boolean): void;
}

export interface Begun {
  readonly config: Config;
  /** Resolves when every check that is due at the start has run once. */
  readonly ran: Promise<void>;
  /** How late the scheduler is. */
  readonly lagMs: () => number;
}

/** Longer than this nobody waits for the first checks; the unit's TimeoutStartSec= must be more. */
const FIRST_ROUND_MS_MAX = 60_000;
/** A scheduler that is later than this does not turn, even if the event loop does. */
const LAG_MS_MAX = 30_000;
/** While it does not turn it is looked at this often: after a sleep of the machine it catches up at once. */
const LOOK_AGAIN_MS = 1_000;
/** So much of a digest tells one configuration from another. */
const DIGEST_CHARS = 12;

/**
 * Besides each turn of the service's life, systemd hears a sign of life twice within WATCHDOG_USEC. While the scheduler
 * stands still it does not, and starts the program again.
 */
export function createNotify(use: AnnounceUse & {readonly env: NodeJS.ProcessEnv; readonly log: Logger}): Notify {
  const {env, pipeline, clock, log, version, server} = use;
  const over = new AbortController();
  let lagMs = () => 0;
  let status = '';
  let isUp = false;
  let datagram: ((message: string) => void) | undefined;
  const send = (...words: string[]) => {
    if (!env.NOTIFY_SOCKET) return;
    try {
      datagram ??= openDatagrams(env.NOTIFY_SOCKET);
      datagram(words.join('\n'));
    } catch (error) {
      log.warn({reason: String(error), words}, 'systemd could not be told');
    }
  };
  const ready = () => {
    isUp = true;
    if (!over.signal.aborted) send('READY=1', `STATUS=${status}`);
  };
  void watch();

  async function watch(): Promise<void> {
    const everyMs = Number(env.WATCHDOG_USEC ?? 0) / 2_000;
    while (everyMs > 0 && !over.signal.aborted) {
      await clock.sleep(everyMs, over.signal);
      while (lagMs() > LAG_MS_MAX && !over.signal.aborted) await clock.sleep(LOOK_AGAIN_MS, over.signal);
      if (!over.signal.aborted) send('WATCHDOG=1');
    }
  }

  return {
    begun: (now) => {
      lagMs = now.lagMs;
      status = `${version} on ${server}: ${count(now.config)}, ${now.config.file} sha256 ${digestOf(now.config.file)}`;
      void now.ran.then(() => over.signal.aborted || announce(use, now.config));
      if (isUp) ready();
      else void Promise.race([now.ran, clock.sleep(FIRST_ROUND_MS_MAX, over.signal)]).then(ready);
    },
    refused: (problems) => {
      send(`STATUS=${status}; what it was changed to has mistakes and is not in force`);
      pipeline.notice('config_refused', problems);
    },
    ended: (isReload) => {
      send(isReload ? 'RELOADING=1' : 'STOPPING=1');
      if (!isReload) over.abort();
    },
  };
}

function count({checks}: Config): string {
  return `${checks.length} ${checks.length === 1 ? 'check' : 'checks'}`;
}

/** Whoever has changed the file can tell by this whether the change is in force. */
function digestOf(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, DIGEST_CHARS);
  } catch {
    return 'unknown';
  }
}
