import {z} from 'zod';
import {isOfTheWorld, reasonFor} from '../reach/failure.ts';
import type {Finding, Kind} from './check.ts';
import {compileExpectations, expectations} from './expect.ts';
import {createMeasure, expectationValues, historyValues, type Measured} from './system-measure.ts';

const VARIABLES = {
  cpu_percent: 'double',
  cpus: 'int',
  load1: 'double',
  load5: 'double',
  load15: 'double',
  mem_percent: 'double',
  swap_percent: 'double',
  uptime_s: 'double',
  disk_percent: 'map<string, double>',
  inode_percent: 'map<string, double>',
  process_count: 'map<string, double>',
  unit_state: 'map<string, string>',
  file_exists: 'map<string, bool>',
  file_age_s: 'map<string, double>',
  file_bytes: 'map<string, double>',
};
/** Which key lists what each map has. */
const LISTED_BY: Readonly<Record<string, 'disk' | 'process' | 'unit' | 'file'>> = {
  disk_percent: 'disk',
  inode_percent: 'disk',
  process_count: 'process',
  unit_state: 'unit',
  file_exists: 'file',
  file_age_s: 'file',
  file_bytes: 'file',
};
/** Without expectations a disk fails above this. */
const DISK_PERCENT_MAX = 90;

const ABSOLUTE = /^\/[^\0]*$/;
const path = z.string().regex(ABSOLUTE, 'expected an absolute path such as /var');
const file = z
  .string()
  .regex(ABSOLUTE, 'expected an absolute path such as /backup/shop-*.sql.gz')
  .refine((text) => !/[*?].*\//.test(text), 'expected * and ? in the last part of the path only');

const options = z
  .strictObject({
    disk: z
      .union([z.literal('all'), z.array(path).min(1)])
      .optional()
      .describe(
        'Folders whose file systems are looked at, or `all`: every mounted local disk. A folder on a network file system that hangs holds up more than this check.',
      ),
    process: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        "Names of processes to count: a program's file name, the name that `ps -C` shows, or that of a script of Node, Python, Perl, Ruby, PHP or a shell.",
      ),
    unit: z
      .array(z.string().regex(/^[\w:.@\\-]+$/, 'expected the name of a unit such as ssh.service'))
      .min(1)
      .optional()
      .describe('Names of systemd units.'),
    file: z
      .array(file)
      .min(1)
      .optional()
      .describe('Absolute paths of files. With `*` or `?` in the last part it is the newest of those that match.'),
    expect: expectations(VARIABLES)
      .optional()
      .describe(
        'CEL expressions that must all be true, over `cpu_percent`, `cpus`, `load1`, `load5`, `load15`, `mem_percent`, `swap_percent`, `uptime_s`, ' +
          'and by what is listed: `disk_percent["/var"]`, `inode_percent["/var"]`, `process_count["nginx"]`, `unit_state["ssh.service"]`, ' +
          '`file_exists[…]`, `file_age_s[…]`, `file_bytes[…]`. By default: disks and their inodes at most 90 % used, each process running, each unit ' +
          '`active`, each file there.',
      ),
  })
  .superRefine((given, context) => {
    const {disk, process, unit, file, expect = []} = given;
    if (!(disk ?? process ?? unit ?? file) && expect.length === 0)
      context.addIssue('expected something to look at, found nothing; add disk, process, unit, file or expect');
    for (const [index, text] of expect.entries()) {
      const problem = unlistedKey(text, given);
      if (problem) context.addIssue({code: 'custom', path: ['expect', index], message: problem});
    }
  });
type Options = z.infer<typeof options>;

const kind: Kind<Options> = {
  name: 'system',
  local: true,
  doc:
    'Looks at this machine: processors, load, memory, swap, disks, inodes, uptime, processes, systemd units, files. Only what is listed or mentioned in ' +
    '`expect` is measured, from `/proc` and without a child process, except for `systemctl`. `cpu_percent` is the mean since the last run (the first one ' +
    'looks for a quarter of a second), and waiting for a disk is no work. `mem_percent` is what is not available: caches do not count. Percentages of disks ' +
    'are those of `df`. `file_age_s` is the time since the file was last written. A listed file that is missing fails the check, unless `expect` asks for `file_exists`. All numbers ' +
    'go to the history, as `load1` or `disk_percent:/var`.',
  example: [
    'till-server:',
    '  type: system',
    '  disk: [/, /var]',
    '  process: [nginx]',
    '  unit: [postgresql.service]',
    '  file: ["/backup/shop-*.sql.gz"]',
    '  expect:',
    '    - disk_percent["/"] < 90 && disk_percent["/var"] < 80',
    '    - mem_percent < 95 && load5 < cpus * 2',
    '    - process_count["nginx"] >= 1 && unit_state["postgresql.service"] == "active"',
    '    - file_age_s["/backup/shop-*.sql.gz"] < 26 * 3600',
  ].join('\n'),
  options,
  prepare: (given, {clock}) => {
    const expected = given.expect && compileExpectations(given.expect, VARIABLES);
    const uses = expected?.uses ?? new Set<string>();
    const {disk = [], process = [], unit = [], file = []} = given;
    const measure = createMeasure({disk, process, unit, file, uses});
    return async ({signal}) => {
      const began = clock.monotonic();
      const finding = (reason: string, measured?: Measured): Finding[] => {
        const values = measured && historyValues(measured);
        const latencyMs = clock.monotonic() - began;
        return [{result: reason ? 'failed' : 'ok', reason, latencyMs, ...(values && {values})}];
      };
      try {
        const measured = await measure({signal, clock});
        signal.throwIfAborted();
        const missing = uses.has('file_exists') ? undefined : missingFile(measured);
        const unmet = expected ? expected.unmet(expectationValues(measured)) : firstWrong(measured);
        return finding(missing ?? unmet ?? '', measured);
      } catch (error) {
        if (!signal.aborted && !isOfTheWorld(error)) throw error;
        return finding(reasonFor(error, {signal}));
      }
    };
  },
};

export default kind;

/** What holds without expectations. */
function firstWrong({disk_percent, inode_percent, process_count, unit_state}: Measured): string | undefined {
  for (const [path, used] of Object.entries(disk_percent))
    if (used > DISK_PERCENT_MAX) return `${path} is ${used.toFixed(1)} % full`;
  for (const [path, used] of Object.entries(inode_percent))
    if (used > DISK_PERCENT_MAX) return `${path} has used ${used.toFixed(1)} % of its inodes`;
  for (const [name, count] of Object.entries(process_count)) if (count === 0) return `no process ${name} is running`;
  for (const [name, state] of Object.entries(unit_state))
    if (state !== 'active') return state === 'not-found' ? `there is no unit ${name}` : `${name} is ${state}`;
  return undefined;
}

function missingFile({file_exists}: Measured): string | undefined {
  const missing = Object.keys(file_exists).find((path) => !file_exists[path]);
  return missing === undefined ? undefined : `${missing}: there is no such file`;
}

/** CEL knows the type of a map and not its keys, so what stands in brackets is looked up here. */
function unlistedKey(
  expression: string,
  given: Pick<Options, 'disk' | 'process' | 'unit' | 'file'>,
): string | undefined {
  for (const [, map = '', , key = ''] of expression.matchAll(/\b([a-z_]+)\s*\[\s*(["'])(.*?)\2\s*\]/g)) {
    const list = LISTED_BY[map];
    if (!list || given[list] === 'all' || given[list]?.includes(key) || key.includes('\\')) continue;
    return `expected what is listed under ${list} in ${map}[…]; ${JSON.stringify(key)} is not, so add it to ${list}, or mend it`;
  }
  return undefined;
}
