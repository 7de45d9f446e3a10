import {z} from 'zod';
import {isOfTheWorld, reasonFor, reasonOfAbort} from '../reach/failure.ts';
import {type Command, type Ended, runProcess} from '../reach/process-group.ts';
import type {Result} from '../state/vocabulary.ts';
import type {Finding, Kind} from './check.ts';
import {path} from './path.ts';
import {type PluginOutput, parseOutput, valueName} from './plugin-output.ts';
import {alerts, parseRange, type Range} from './plugin-range.ts';
import {splitCommand} from './plugin-words.ts';

const WORDS = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;
type Word = (typeof WORDS)[number];
/** Where the plugin and our own ranges disagree, the later one in this list counts. */
const RANK: readonly Word[] = ['OK', 'WARNING', 'UNKNOWN', 'CRITICAL'];
const REASON_CHARS_MAX = 200;

/** Where Debian, Red Hat and Alpine put plugins, so that a bare name is enough. */
const PLUGIN_FOLDERS = ['/usr/lib/nagios/plugins', '/usr/lib64/nagios/plugins', '/usr/lib/monitoring-plugins'];
/** Of our own environment a plugin gets these only: the rest may hold secrets, and settings of our own runtime. */
const INHERITED = ['HOME', 'USER', 'LOGNAME', 'TZ'];

const range = z.union([z.number(), z.string()]).superRefine((given, context) => {
  const parsed = parseRange(String(given));
  if ('problem' in parsed) context.addIssue(parsed.problem);
});

const options = z
  .strictObject({
    command: z
      .union([z.string(), z.array(z.string()).min(1)])
      .describe(
        "The plugin and its arguments: one text, divided at blanks (quotes and backslashes as in a shell's words, but nothing is expanded), or a list. A name without a slash is also looked for in the folders of monitoring-plugins.",
      ),
    shell: z
      .boolean()
      .default(false)
      .describe('True: `/bin/sh` reads the command, with its pipes, variables and wildcards.'),
    env: z
      .record(
        z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable'),
        z.string().meta({secret: true}),
      )
      .default({})
      .describe('Environment variables for the plugin; the place for its secrets, as arguments show in `ps`.'),
    cwd: path().optional().describe('The folder in which it runs; `/` by default.'),
    warning_is: z.enum(['ok', 'failed']).default('ok').describe('What exit code 1 means.'),
    unknown_is: z
      .enum(['inconclusive', 'failed', 'ok'])
      .default('inconclusive')
      .describe('What exit code 3, any other code, and an end by a signal mean.'),
    ranges: z
      .record(z.string(), z.strictObject({warn: range, crit: range}).partial())
      .default({})
      .describe(
        'Own thresholds by the label of a performance value, each a range such as `10`, `10:`, `~:10`, `10:20` or `@10:20`. ' +
          'The worse of what they and the exit code say counts.',
      ),
  })
  .superRefine(({command, shell}, context) => {
    if (shell && typeof command !== 'string')
      context.addIssue({code: 'custom', path: ['command'], message: 'expected one text for the shell; join the list'});
    if (shell || typeof command !== 'string') return;
    const split = splitCommand(command);
    if ('problem' in split) context.addIssue({code: 'custom', path: ['command'], message: split.problem});
  });
type Options = z.infer<typeof options>;

const kind: Kind<Options> = {
  name: 'plugin',
  doc:
    'Runs a plugin of Nagios, Icinga or monitoring-plugins (`apt-get install monitoring-plugins-basic`). Its exit code decides: 0 OK, ' +
    '1 WARNING, 2 CRITICAL, 3 and anything else UNKNOWN; the first line of its output is the reason. Performance data go ' +
    'to the history as the numbers that were printed, whatever their unit; in their labels everything but letters, digits and `_.-/:%` ' +
    'becomes `_`. A plugin that cannot be started, or runs into the timeout, has failed.\n\n' +
    'No shell reads the command unless `shell: true` says so. The plugin runs in a process group of its own, which is killed with all that it started ' +
    'when the plugin ends or its time is up. Its environment is `PATH`, `HOME`, `USER`, `LOGNAME`, `TZ`, `LC_ALL=C.UTF-8` and what ' +
    '`env` says; 64 KiB of its output are looked at.',
  example: [
    'till-printer:',
    '  type: plugin',
    '  command: check_tcp -H 10.0.0.9 -p 9100 -w 1 -c 5',
    '  ranges: {time: {crit: 2}}',
  ].join('\n'),
  options,
  prepare: (given, {clock}) => {
    const command = commandFrom(given);
    const ranges = rangesFrom(given);
    return async ({signal}) => {
      const began = clock.monotonic();
      const finding = (result: Result, reason: string, values: Readonly<Record<string, number>> = {}): Finding[] => [
        {
          result,
          reason: reason.slice(0, REASON_CHARS_MAX),
          latencyMs: clock.monotonic() - began,
          ...(Object.keys(values).length > 0 && {values}),
        },
      ];
      try {
        const ended = await runProcess(command, {signal, clock});
        if (signal.aborted) return finding('failed', reasonOfAbort(signal));
        const output = parseOutput(ended.stdout);
        const {word, reason} = judge(ended, output, ranges);
        return finding(resultOf(word, given), word === 'OK' ? '' : reason, valuesOf(output));
      } catch (error) {
        if (!signal.aborted && !isOfTheWorld(error)) throw error;
        return finding('failed', signal.aborted ? reasonOfAbort(signal) : startProblem(error, command));
      }
    };
  },
};

export default kind;

interface Judged {
  readonly word: Word;
  readonly reason: string;
}

type Ranges = readonly {readonly label: string; readonly warn: Range | undefined; readonly crit: Range | undefined}[];

function judge(ended: Ended, output: PluginOutput, ranges: Ranges): Judged {
  const word = WORDS[ended.code ?? -1] ?? 'UNKNOWN';
  const said = output.text || (ended.stderr.trim().split(/\r?\n/, 1)[0] ?? '');
  const end = ended.signal === null ? `exit code ${ended.code}` : `ended by ${ended.signal}`;
  const known = WORDS[ended.code ?? -1] !== undefined;
  const own: Judged = {word, reason: known ? said || word : `${end}: ${said || 'it said nothing'}`};
  return ranges
    .map((entry) => judgeRange(entry, output))
    .reduce((worst, next) => (RANK.indexOf(next.word) > RANK.indexOf(worst.word) ? next : worst), own);
}

/** Critical is looked at first. A value that is missing is not known to be all right. */
function judgeRange({label, warn, crit}: Ranges[number], {perfdata}: PluginOutput): Judged {
  const found = perfdata.find((datum) => datum.label === label);
  if (!found) return {word: 'UNKNOWN', reason: `the plugin printed no value of ${label}`};
  const shown = `${label} is ${found.value}${found.unit}`;
  const place = (range: Range) => (range.inside ? `inside ${range.text.slice(1)}` : `outside ${range.text}`);
  if (crit && alerts(crit, found.value)) return {word: 'CRITICAL', reason: `${shown}, ${place(crit)} (critical)`};
  if (warn && alerts(warn, found.value)) return {word: 'WARNING', reason: `${shown}, ${place(warn)} (warning)`};
  return {word: 'OK', reason: ''};
}

function resultOf(word: Word, {warning_is, unknown_is}: Options): Result {
  if (word === 'WARNING') return warning_is;
  if (word === 'UNKNOWN') return unknown_is;
  return word === 'OK' ? 'ok' : 'failed';
}

/** Of two labels that become the same name, the first counts. */
function valuesOf({perfdata}: PluginOutput): Record<string, number> {
  const values = new Map<string, number>();
  for (const {label, value} of perfdata) if (!values.has(valueName(label))) values.set(valueName(label), value);
  return Object.fromEntries(values);
}

function rangesFrom({ranges}: Options): Ranges {
  const read = (given: string | number | undefined) => {
    const parsed = given === undefined ? undefined : parseRange(String(given));
    return parsed && 'start' in parsed ? parsed : undefined;
  };
  return Object.entries(ranges).map(([label, {warn, crit}]) => ({label, warn: read(warn), crit: read(crit)}));
}

function commandFrom({command, shell, env, cwd = '/'}: Options): Command {
  const folders = [process.env.PATH ?? '/usr/bin:/bin', ...PLUGIN_FOLDERS].join(':');
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const all = {...Object.fromEntries(inherited), PATH: folders, LC_ALL: 'C.UTF-8', ...env};
  if (shell) return {program: '/bin/sh', args: ['-c', String(command)], cwd, env: all};
  const [program = '', ...args] = typeof command === 'string' ? wordsOf(command) : command;
  return {program, args, cwd, env: all};
}

function wordsOf(command: string): readonly string[] {
  const split = splitCommand(command);
  return 'words' in split ? split.words : [];
}

/** ENOENT of a program and of its folder look the same from here. */
function startProblem(error: unknown, {program, cwd}: Command): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `${program} did not start: there is no such program, or no folder ${cwd}`;
  if (code === 'EACCES') return `${program} did not start: it may not be run (EACCES)`;
  if (code === 'E2BIG') return `${program} did not start: its arguments are too long`;
  return `${program} did not start: ${reasonFor(error)}`;
}
