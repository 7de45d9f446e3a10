import {z} from 'zod';
import {cronProblem} from '../checks/cron.ts';
import {duration} from '../checks/duration.ts';
import {channelKeys} from './channels.ts';
import {durationOrOff, freeDuration} from './duration-keys.ts';
import {http} from './http.ts';
import {LOCALES, locale} from './locales.ts';
import {logging} from './logging.ts';
import {rotationKeys} from './oncall.ts';
import {proxy} from './proxy.ts';
import {host, recovery} from './recovery.ts';
import {secret} from './secrets.ts';
import {templateKeys} from './templates.ts';
import {timezone} from './timezone.ts';

/** Names of checks, channels and groups: they are typed into a phone, and stand in globs. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}_.-]*$/u;
const NAME_CHARS_MAX = 64;
export const CHECKS_MAX = 20_000;
/** A card of Telegram has 4,096 characters; the comment is one part of it. */
const COMMENT_CHARS_MAX = 1_000;

/** Parents of one check, and steps of one escalation. */
const PARENTS_MAX = 100;
const STEPS_MAX = 10;
/** Groups of one person. */
const GROUPS_MAX = 50;

/** How many checks run at once; the rest wait their turn. Sockets and memory for more are rarely there. */
export const CONCURRENCY = 256;
/**
 * And of one host: a server that hangs takes no more than this of all places, and few servers mind so many connections. sshd
 * begins to refuse at ten logins at once (MaxStartups), but checks of ssh are few and short.
 */
export const CONCURRENCY_PER_HOST = 16;
const CONCURRENCY_MAX = 10_000;

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

const nameWords = 'expected a name of letters, digits, _ . and - that begins with a letter or a digit';
const name = z
  .string()
  .max(NAME_CHARS_MAX, `expected a name of at most ${NAME_CHARS_MAX} characters`)
  .regex(NAME, nameWords);

/** Alertmanager allows any name. */
const windowName = z.string().min(1);

/** Names that are compared with what the file defines, which finds every fault in them. */
const known = z.string();

const step = z.strictObject({
  after: freeDuration({min: SECOND, max: 30 * DAY, example: '15m'}).describe(
    'How long after the incident was announced.',
  ),
  to: z
    .union([known, z.array(known).min(1, 'expected at least one channel')])
    .describe('Who is told then: channels, `oncall` (whoever is on call), `oncall:NAME` (of that rotation).'),
});

/** The block stands at the top and, to override it key by key, on a check. */
const alertKeys = {
  to: z.array(name).min(1, 'expected at least one channel').describe('Channels that are told; left out: all of them.'),
  fallback: name.describe('The channel that is told when one of `to` is gone for good.'),
  window: windowName.describe('The name of one of `time_intervals`: outside it messages are held. Left out: always.'),
  missed: z
    .enum(['digest', 'drop'])
    .describe('What becomes of an alert that came and went outside the window: one line (digest) or nothing (drop).'),
  group_wait: duration({min: 0, max: HOUR, example: '10s'}).describe(
    'News within this time of other news in the same channel are gathered into one message; 0s: never.',
  ),
  repeat_every: durationOrOff({min: MINUTE, max: 30 * DAY, example: '20m'}).describe(
    'How often to remind of an incident until somebody acknowledges it.',
  ),
  escalate: z
    .array(step)
    .max(STEPS_MAX)
    .describe('Who else is told when nobody has acknowledged an incident, the earliest step first.'),
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
  backoff_factor: 1,
  max_interval: 300 * SECOND,
  skip_in_first: 0,
};

/** In seconds, as people write it. */
const span = (
  key: 'interval' | 'timeout' | 'retry_delay' | 'max_interval' | 'skip_in_first',
  min: number,
  max: number,
) => duration({min, max, example: `${TIMING[key] / SECOND}s`});
const count = (key: 'attempts' | 'fail_after' | 'recover_after', max: number) =>
  z.int().min(1).max(max).meta({default: TIMING[key]});
const timing = {
  interval: span('interval', SECOND, 30 * DAY).describe('How often the check runs.'),
  timeout: span('timeout', 1, 3_600 * SECOND).describe('How long one attempt may take.'),
  attempts: count('attempts', 100).describe('Tries before one failure is counted.'),
  retry_delay: span('retry_delay', 0, 3_600 * SECOND).describe('The pause between two attempts.'),
  fail_after: count('fail_after', 10_000).describe('Failures in a row until the check is down.'),
  recover_after: count('recover_after', 10_000).describe('Good results in a row until it is up again.'),
  backoff_factor: z
    .number()
    .min(1)
    .max(10)
    .meta({default: TIMING.backoff_factor})
    .describe('While it is down, the interval grows by this factor at each run; 1: it does not.'),
  max_interval: span('max_interval', SECOND, 30 * DAY).describe('How far `backoff_factor` lets the interval grow.'),
  skip_in_first: span('skip_in_first', 0, DAY).describe(
    'How long it does not run after the start of the program: for what starts together with it, and takes longer.',
  ),
};

const cron = z
  .string()
  .refine((text) => cronProblem(text) === undefined, {
    error: ({input}) => (typeof input === 'string' ? cronProblem(input) : undefined),
  })
  .meta({examples: ['0 3 * * 0']});

/** What every check may have, whatever its kind; `type` and the kind's own keys come to it. */
export const commonCheckKeys = z
  .strictObject({
    ...timing,
    at: cron.describe(
      'Instead of `interval`, for a nightly check: minute, hour, day of the month, month and day of the week, as for cron, in ' +
        '`timezone`. It does not run at the start.',
    ),
    group: name.describe('A word that several checks share, to order them about together.'),
    comment: z.string().max(COMMENT_CHARS_MAX).describe('What to do when it fails; it stands in the alert.'),
    alerts: alerts.describe('Overrides the keys of `alerts` for this check.'),
    recovery: recovery.describe('What may mend it: a command on one of `hosts`, or a program here.'),
    severity: z
      .enum(['low', 'normal'])
      .meta({default: 'normal'})
      .describe('low: its messages in Telegram ring nobody’s phone, escalations excepted.'),
    urgent: z.boolean().describe('True: its alerts leave outside the window too.'),
    depends_on: z
      .array(known)
      .max(PARENTS_MAX)
      .describe('Checks that this one needs: while one of them is down, its own alert waits.'),
    flapping: z
      .boolean()
      .meta({default: true})
      .describe('False: a check that goes up and down all the time is told of each time.'),
  })
  .partial()
  .refine(({at, interval}) => at === undefined || interval === undefined, {
    path: ['at'],
    message: 'expected either at or interval, got both; remove one',
  });

const telegramKeys = z.strictObject({
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
  proxy: proxy
    .optional()
    .describe('One proxy or several, tried in order and remembered while they work; `direct` among them means none.'),
  commands: z.boolean().optional().describe('False: this server sends, and takes no orders.'),
  board: z
    .boolean()
    .meta({default: false})
    .optional()
    .describe('True: each chat has one pinned message that shows how everything is.'),
  console: z
    .string()
    .min(1)
    .max(NAME_CHARS_MAX)
    .optional()
    .describe('Where `commands` is false: the server that takes the orders. Messages name it.'),
});
const telegram = telegramKeys.refine(({commands, console}) => console === undefined || commands === false, {
  path: ['console'],
  message: 'expected only beside commands: false, as this server takes orders itself; remove it',
});

const userIdWords = 'expected the numeric Telegram id of a user; /whoami tells it';
const userId = z
  .string()
  .regex(/^[1-9]\d{0,15}$/, userIdWords)
  .refine((id) => Number.isSafeInteger(Number(id)), userIdWords);
const user = z.strictObject({
  name: z.string().min(1).max(NAME_CHARS_MAX).describe('How messages call this person.'),
  role: z.enum(['viewer', 'operator', 'admin']).describe('viewer looks; operator also acknowledges; admin does all.'),
  groups: z
    .array(known)
    .min(1, 'expected at least one group')
    .max(GROUPS_MAX)
    .optional()
    .describe('The role holds for checks of these groups only, and no others are shown. Left out: for everything.'),
  locale: locale.optional().describe('The language of the answers to this person, until they choose one by /language.'),
});

const times = z.strictObject({
  start_time: z.string().describe('HH:MM, inclusive.'),
  end_time: z.string().describe('HH:MM, exclusive; 24:00 is midnight.'),
});

/** How `window` and `at` go together is said where the references are checked, with all the other mistakes. */
const maintenance = z.strictObject({
  checks: z
    .union([known, z.array(known).min(1, 'expected at least one check')])
    .describe('`all`, a name, a glob such as `till-*`, `group:NAME`, or a list of these.'),
  window: windowName.optional().describe('While this one of `time_intervals` is open.'),
  at: cron
    .optional()
    .describe('Or from each of these times: minute, hour, day of the month, month and day of the week, as for cron.'),
  for: freeDuration({min: MINUTE, max: 30 * DAY, example: '2h'})
    .optional()
    .describe('How long it takes from `at` on.'),
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
  locale: locale
    .meta({default: 'en'})
    .optional()
    .describe(
      'The language of messages and answers: en, ru, es or zh. Channels, users and people’s own choice override it.',
    ),
  timezone: timezone.optional().describe('For the times in messages; left out: the machine’s own.'),
  data_dir: z.string().min(1).optional().describe('The folder for the databases, from this file’s folder.'),
  mocks: z.boolean().optional().describe('True starts the practice services of mocks/ beside the program.'),
  message_type: z
    .enum(['telegram', 'console', 'both'])
    .optional()
    .describe('Mutes the other one of these two kinds of channel.'),
  pictures: z
    .enum(['light', 'dark'])
    .meta({default: 'light'})
    .optional()
    .describe('How charts are drawn; `/graph NAME dark` asks for one in the other way.'),
  log_status_every: duration({min: SECOND, max: DAY, example: '60s'})
    .optional()
    .describe('How often the status map goes to the log.'),
  logging: logging.optional().describe('Where the log goes, and how much of it.'),
  concurrency: z
    .int()
    .min(1)
    .max(CONCURRENCY_MAX)
    .meta({default: CONCURRENCY})
    .optional()
    .describe('How many checks run at once; the rest wait their turn.'),
  concurrency_per_host: z
    .int()
    .min(0)
    .max(CONCURRENCY_MAX)
    .meta({default: CONCURRENCY_PER_HOST})
    .optional()
    .describe('How many checks of one host run at once; 0: as many as `concurrency`.'),
  keep_raw: duration({min: 3_600 * SECOND, max: 3_660 * DAY, example: '7d'})
    .optional()
    .describe('How long every observation is kept.'),
  keep_history: duration({min: 3_600 * SECOND, max: 36_600 * DAY, example: '400d'})
    .optional()
    .describe('How long the 5-minute figures are kept.'),
  telegram: telegram.optional().describe('The bot. Left out: TELEGRAM_BOT_TOKEN and its like, or the console only.'),
  http: http
    .optional()
    .describe('The HTTP server: heartbeats, metrics, health, an API to read. Left out: there is none.'),
  users: z.record(userId, user).optional().describe('Who may give orders, by numeric Telegram user id.'),
  oncall: z
    .record(name, rotationKeys)
    .optional()
    .describe('Who takes turns at being on call, by the name of the rotation; plain `oncall` means the first.'),
  channels: z.record(name, channelKeys).optional().describe('Where messages go, by name.'),
  alerts: alerts.optional().describe('Who is told, and when.'),
  templates: templateKeys(LOCALES)
    .optional()
    .describe('Alert texts in your own words, as mustache templates of Telegram’s HTML (docs/templates.md).'),
  time_intervals: z.array(z.unknown()).optional().describe('Named windows, in Alertmanager’s grammar.'),
  maintenance: z.array(maintenance).optional().describe('Planned silences, which stay out of the availability too.'),
  hosts: z.record(name, host).optional().describe('Where recoveries run, by name; each is reached over SSH.'),
  guard: z
    .array(known)
    .optional()
    .describe('Checks that prove this server’s own network: while all of them are down, the others prove nothing.'),
  defaults: z.strictObject(timing).partial().optional().describe('For checks that do not say otherwise.'),
  checks: z.record(name, z.unknown()).describe('What is watched, by name.'),
});
