import {z} from 'zod';
import {duration} from '../checks/duration.ts';
import {secret} from './secrets.ts';
import {isTimezone, nearestTimezone} from './timezone.ts';

/** Names of checks, channels and groups: they are typed into a phone, and stand in globs. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}_.-]*$/u;
const NAME_CHARS_MAX = 64;
export const CHECKS_MAX = 20_000;
/** A card of Telegram has 4,096 characters; the comment is one part of it. */
const COMMENT_CHARS_MAX = 1_000;

const SECOND = 1_000;
const DAY = 86_400_000;

const nameWords = 'expected a name of letters, digits, _ . and - that begins with a letter or a digit';
const name = z
  .string()
  .max(NAME_CHARS_MAX, `expected a name of at most ${NAME_CHARS_MAX} characters`)
  .regex(NAME, nameWords);

const timezone = z.string().refine(isTimezone, {
  error: ({input}) => {
    const known = typeof input === 'string' ? nearestTimezone(input) : undefined;
    return `expected the IANA name of a time zone such as Europe/Moscow${known ? `; did you mean ${known}?` : ''}`;
  },
});

/** Alertmanager allows any name. */
const windowName = z.string().min(1);

/** The block stands at the top and, to override it key by key, on a check. */
const alertKeys = {
  to: z.array(name).min(1, 'expected at least one channel').describe('Channels that are told; left out: all of them.'),
  fallback: name.describe('The channel that is told when one of `to` is gone for good.'),
  window: windowName.describe('The name of one of `time_intervals`: outside it messages are held. Left out: always.'),
  missed: z
    .enum(['digest', 'drop'])
    .describe('What becomes of an alert that came and went outside the window: one line (digest) or nothing (drop).'),
};
export const alerts = z.strictObject(alertKeys).partial();

/** What holds where neither the check nor `defaults` says otherwise; durations in milliseconds. */
export const TIMING = {
  interval: 60 * SECOND,
  timeout: 10 * SECOND,
  attempts: 1,
  retry_delay: 6 * SECOND,
  fail_after: 3,
  recover_after: 2,
};

/** In seconds, as people write it. */
const span = (key: 'interval' | 'timeout' | 'retry_delay', min: number, max: number) =>
  duration({min, max, example: `${TIMING[key] / SECOND}s`});
const count = (key: 'attempts' | 'fail_after' | 'recover_after', max: number) =>
  z.int().min(1).max(max).meta({default: TIMING[key]});
const timing = {
  interval: span('interval', SECOND, 30 * DAY).describe('How often the check runs.'),
  timeout: span('timeout', 1, 3_600 * SECOND).describe('How long one attempt may take.'),
  attempts: count('attempts', 100).describe('Tries before one failure is counted.'),
  retry_delay: span('retry_delay', 0, 3_600 * SECOND).describe('The pause between two attempts.'),
  fail_after: count('fail_after', 10_000).describe('Failures in a row until the check is down.'),
  recover_after: count('recover_after', 10_000).describe('Good results in a row until it is up again.'),
};

/** What every check may have, whatever its kind; `type` and the kind's own keys come to it. */
export const commonCheckKeys = z
  .strictObject({
    ...timing,
    group: name.describe('A word that several checks share, to order them about together.'),
    comment: z.string().max(COMMENT_CHARS_MAX).describe('What to do when it fails; it stands in the alert.'),
    alerts: alerts.describe('Overrides the keys of `alerts` for this check.'),
    urgent: z.boolean().describe('True: its alerts leave outside the window too.'),
  })
  .partial();

const chatId = z.int().refine((id) => id !== 0, 'expected the numeric id of a chat, not 0');
const channel = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('telegram'),
    chat_id: chatId.describe('The chat’s numeric id; a group’s is negative.'),
    thread_id: z.int().positive().optional().describe('The topic of a forum, by number.'),
  }),
  z.strictObject({type: z.literal('console')}),
]);

const telegram = z.strictObject({
  token: secret()
    .regex(/^\d+:[\w-]+$/, 'expected a token as BotFather gives it (123456:ABC-DEF…)')
    .meta({
      secret: true,
      description: `The bot’s token: \${TELEGRAM_BOT_TOKEN}, or file:PATH for a credential file.`,
    }),
  api_root: z
    .url({protocol: /^https?$/, error: 'expected an address such as https://api.telegram.org'})
    .optional()
    .describe('Where the Bot API is; another one for a local Bot API server.'),
  commands: z.boolean().optional().describe('False: this server sends, and takes no orders.'),
});

const userIdWords = 'expected the numeric Telegram id of a user; /whoami tells it';
const userId = z
  .string()
  .regex(/^[1-9]\d{0,15}$/, userIdWords)
  .refine((id) => Number.isSafeInteger(Number(id)), userIdWords);
const user = z.strictObject({
  name: z.string().min(1).max(NAME_CHARS_MAX).describe('How messages call this person.'),
  role: z.enum(['viewer', 'operator', 'admin']).describe('viewer looks; operator also acknowledges; admin does all.'),
});

const times = z.strictObject({
  start_time: z.string().describe('HH:MM, inclusive.'),
  end_time: z.string().describe('HH:MM, exclusive; 24:00 is midnight.'),
});

/** One of `time_intervals`, for editors; the program reads it by Alertmanager's grammar, which has no zod schema. */
export const timeInterval = z.strictObject({
  name: windowName,
  time_intervals: z.array(
    z
      .strictObject({
        times: z.array(times),
        weekdays: z.array(z.string()).describe('monday or monday:friday.'),
        days_of_month: z.array(z.union([z.string(), z.int()])).describe('1, 1:15 or -1 (the last day).'),
        months: z.array(z.union([z.string(), z.int()])).describe('may, 5 or may:august.'),
        years: z.array(z.union([z.string(), z.int()])).describe('2026 or 2026:2028.'),
        location: z.string().describe('An IANA time zone, Local or UTC; left out: UTC.'),
      })
      .partial(),
  ),
});

/** The whole of config.yaml but for the inside of each check, which depends on its `type`. */
export const configKeys = z.strictObject({
  timezone: timezone.optional().describe('For the times in messages; left out: the machine’s own.'),
  data_dir: z.string().min(1).optional().describe('The folder for the databases, from this file’s folder.'),
  mocks: z.boolean().optional().describe('True starts the practice services of mocks/ beside the program.'),
  message_type: z.enum(['telegram', 'console', 'both']).optional().describe('Mutes the other kind of channel.'),
  log_status_every: duration({min: SECOND, max: DAY, example: '60s'})
    .optional()
    .describe('How often the status map goes to the log.'),
  keep_raw: duration({min: 3_600 * SECOND, max: 3_660 * DAY, example: '7d'})
    .optional()
    .describe('How long every observation is kept.'),
  keep_history: duration({min: 3_600 * SECOND, max: 36_600 * DAY, example: '400d'})
    .optional()
    .describe('How long the 5-minute figures are kept.'),
  telegram: telegram.optional().describe('The bot. Left out: TELEGRAM_BOT_TOKEN and its like, or the console only.'),
  users: z.record(userId, user).optional().describe('Who may give orders, by numeric Telegram user id.'),
  channels: z.record(name, channel).optional().describe('Where messages go, by name.'),
  alerts: alerts.optional().describe('Who is told, and when.'),
  time_intervals: z.array(z.unknown()).optional().describe('Named windows, in Alertmanager’s grammar.'),
  defaults: z.strictObject(timing).partial().optional().describe('For checks that do not say otherwise.'),
  checks: z.record(name, z.unknown()).describe('What is watched, by name.'),
});
