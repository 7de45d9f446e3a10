import {z} from 'zod';
import type {Finding, Kind, PrepareUse, Probe, Report} from './check.ts';
import {cronProblem} from './cron.ts';
import {duration} from './duration.ts';
import {lateness, type Rhythm} from './heartbeat-late.ts';
import {after, type HeartbeatMemory, notBeyond, recall} from './heartbeat-memory.ts';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
const PERIOD_MS = 60 * SECOND_MS;
const GRACE_MS = 10 * SECOND_MS;
/** How often it is looked whether a report is late: a look is a few comparisons. */
const LOOK_MS = 10 * SECOND_MS;

const options = z
  .strictObject({
    id: z
      .string()
      .regex(/^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,127}$/u, 'expected a UUID, a slug or a token: letters, digits, _ . and -')
      .meta({secret: true})
      .optional()
      .describe(
        'The word in the address that reports come to: a UUID (`uuidgen` makes one), a slug or a token. Left out: the check’s name.',
      ),
    period: duration({min: SECOND_MS, max: 400 * DAY_MS, example: '60s'})
      .optional()
      .describe('How often a report is expected.'),
    cron: z
      .string()
      .refine((text) => cronProblem(text) === undefined, {
        error: ({input}) => (typeof input === 'string' ? cronProblem(input) : undefined),
      })
      .meta({examples: ['0 3 * * *']})
      .optional()
      .describe('Instead of `period`: when a report is expected, as for cron, in `timezone`.'),
    grace: duration({min: 0, max: 30 * DAY_MS, example: '10s'})
      .default(GRACE_MS)
      .describe('How late a report may be.'),
    max_run: duration({min: SECOND_MS, max: 30 * DAY_MS, example: '2h', hasDefault: false})
      .optional()
      .describe('How long a run may take from `/start` to its end. Left out: `grace`.'),
  })
  .refine(({period, cron}) => period === undefined || cron === undefined, {
    path: ['cron'],
    message: 'expected either cron or period, got both; remove one',
  });
type Options = z.infer<typeof options>;

const kind: Kind<Options> = {
  name: 'heartbeat',
  doc:
    'Is reported to, instead of looking: a cron job, a backup or a device calls `/ping/ID` of the program’s own HTTP server (`http:`) when it has done its work. The addresses are those of Healthchecks ' +
    '(`/ping/ID`, and behind it `/start`, `/fail`, `/log` or an exit code) and of Uptime Kuma (`/api/push/ID?status=up&msg=&ping=`); [http.md](http.md) has them all, with examples for crontab.\n\n' +
    'A report counts at once: a failure as a failure, a success as an ok. A report that is late by more than `grace` is a failure at every look, every `interval`; so is a failure that no success has followed. ' +
    'Here `interval` is 10s, `fail_after` 1 and `recover_after` 1 unless the check itself says otherwise, whatever stands in `defaults`: a job that says that it failed has failed. ' +
    'With `fail_after: 3`, failures reported and looks that find one count alike; with `recover_after: 2` only successes reported count. ' +
    'After a `/start` the end must come within `max_run`, and until then nothing else is late.\n\n' +
    'What cannot have arrived is not late: after a start of the program, and after the machine slept, `grace` is granted anew, and one `period` more if that is short (of a longer one, 5 minutes). ' +
    '`run_ms`, the time from a `/start` to its end, and `ping_ms`, what Kuma’s clients measure, go to the history.',
  example: [
    'backup:',
    '  type: heartbeat',
    '  cron: 0 3 * * *',
    '  grace: 30m',
    '  max_run: 2h',
    'till-4:',
    '  type: heartbeat',
    '  id: 1c9f2b6e-6f0c-4e7e-9f43-0c8b8a1f6d52',
    '  period: 30s',
  ].join('\n'),
  options,
  singleTry: true,
  timing: {interval: LOOK_MS, fail_after: 1, recover_after: 1},
  reportId: ({id}, check) => id ?? check,
  prepare,
};

export default kind;

function prepare(given: Options, use: PrepareUse): Probe {
  const {clock, memory: kept, reachableSince = () => 0} = use;
  const rhythm = rhythmOf(given, use.timezone ?? 'UTC');
  const stored = kept?.get();
  let memory = recall(stored, clock.now());
  // Until a look has said otherwise: it may have been late when the program ended.
  let isLate = true;
  const text = () => JSON.stringify(memory);
  const keep = (next: HeartbeatMemory) => {
    if (next === memory) return;
    memory = next;
    kept?.set(text());
  };
  // By far the most reports are one success more, thousands a second perhaps: that is written into the memory that is there.
  // Nothing is told of it, so that a crash may forget it.
  const oneMore = (report: Report, now: number): boolean => {
    const {sent, starts, failed, lastAt} = memory;
    const isNews = isLate || failed !== undefined || lastAt === undefined || starts.length > 0 || !sent;
    if (isNews || report.kind !== 'success' || !kept?.setSoon) return false;
    memory.lastAt = now;
    sent.at = now;
    sent.kind = report.kind;
    sent.body = report.body;
    kept.setSoon(text);
    return true;
  };
  // Otherwise "never reported" would begin anew at each start.
  if (stored === undefined) kept?.set(text());

  const look = (now: number): readonly Finding[] => {
    if (!kept) return [{result: 'inconclusive', reason: 'only the running program hears the reports', latencyMs: 0}];
    keep(notBeyond(now, memory));
    const late = lateness(rhythm, memory, now, reachableSince());
    isLate = late !== undefined;
    const reason = late ?? memory.failed;
    return reason === undefined ? [] : [{result: 'failed', reason, latencyMs: 0}];
  };
  const receive = (report: Report): readonly Finding[] => {
    const now = clock.now();
    if (oneMore(report, now)) return report.latencyMs === undefined ? WELL : [{...OK, ...measured(report)}];
    const {memory: next, runMs} = after(memory, report, {now, maxRunMs: rhythm.maxRunMs});
    keep(next);
    if (report.kind === 'start' || report.kind === 'log') return [];
    isLate = false;
    const {failed} = next;
    return [{result: failed === undefined ? 'ok' : 'failed', reason: failed ?? '', ...measured(report, runMs)}];
  };
  return Object.assign(async () => look(clock.now()), {receive, lastReport: () => memory.sent});
}

const OK = {result: 'ok', reason: ''} as const;
/** What a report finds that measures nothing and changes nothing: the same for all of them. */
const WELL: readonly Finding[] = [{...OK, latencyMs: 0}];

function measured({latencyMs: pingMs}: Report, runMs?: number): Pick<Finding, 'latencyMs' | 'values'> {
  const latencyMs = runMs ?? pingMs;
  if (latencyMs === undefined) return {latencyMs: 0};
  const values = {...(runMs !== undefined && {run_ms: runMs}), ...(pingMs !== undefined && {ping_ms: pingMs})};
  return {latencyMs, values};
}

function rhythmOf({period = PERIOD_MS, cron, grace, max_run}: Options, zone: string): Rhythm {
  const every = cron === undefined ? {periodMs: period} : {cron, zone};
  return {every, graceMs: grace, maxRunMs: max_run ?? grace};
}
