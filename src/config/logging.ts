import {resolve} from 'node:path';
import {z} from 'zod';
import {size} from '../checks/size.ts';
import {didYouMean} from './suggest.ts';

/** The parts of the program that log under a name of their own, for `logging.levels` and for the field `module`. */
export const LOG_MODULES = [
  'main',
  'pipeline',
  'scheduler',
  'checks',
  'outbox',
  'telegram',
  'store',
  'http',
  'recovery',
  'audit',
] as const;
export type LogModule = (typeof LOG_MODULES)[number];

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LEVELS)[number];

export interface LoggingConfig {
  readonly level: LogLevel;
  /** For single modules, in place of `level`. */
  readonly levels: Partial<Readonly<Record<LogModule, LogLevel>>>;
  /** Undefined: a file under data_dir where standard output is a terminal, and none elsewhere. */
  readonly file: string | 'off' | undefined;
  readonly maxSizeBytes: number;
  /** Rotated files that are kept, besides the one that is written. */
  readonly keep: number;
  /** Runs of checks that found all well are logged too. */
  readonly logSuccess: boolean;
}

const MIB = 1024 ** 2;
const MAX_SIZE_MAX = 1024 * MIB;
/** With less than this, a file would hold a handful of lines. */
const MAX_SIZE_MIN = 4096;
const KEEP_MAX = 1_000;
const DEFAULTS = {level: 'info', maxSize: 10 * MIB, keep: 5} as const;

const level = z.enum(LEVELS);

/** Names that are no module's are reported as such, with the nearest one. */
const moduleName = z.string().refine((name) => LOG_MODULES.some((known) => known === name), {
  error: ({input}) =>
    `expected one of ${LOG_MODULES.join(', ')}${typeof input === 'string' ? didYouMean(input, LOG_MODULES) : ''}`,
});

export const logging = z
  .strictObject({
    level: level.meta({default: DEFAULTS.level}).describe('What is logged: this level and those above it.'),
    levels: z
      .record(moduleName, level)
      .describe(`Another level for single parts of the program: ${LOG_MODULES.join(', ')}.`),
    file: z
      .union([z.literal(false), z.string().min(1)])
      .describe(
        'Where the log goes as JSON, from this file’s folder; off: to no file. Left out: to vakhta.log under data_dir on a ' +
          'terminal, and to no file elsewhere.',
      ),
    max_size: size(MAX_SIZE_MAX)
      .refine((bytes) => bytes >= MAX_SIZE_MIN, `expected at least ${MAX_SIZE_MIN / 1024}KiB`)
      .describe('A file that has grown so far is rotated (10MiB where this is left out).'),
    keep: z
      .int()
      .min(0)
      .max(KEEP_MAX)
      .meta({default: DEFAULTS.keep})
      .describe('How many rotated files are kept: FILE.1 is the newest.'),
    log_success: z
      .boolean()
      .meta({default: false})
      .describe('True: runs of checks that found all well are logged too, not only the others.'),
  })
  .partial();

/** With the defaults filled in; `folder` is where relative paths start. */
export function loggingOf(keys: z.output<typeof logging> | undefined, folder: string): LoggingConfig {
  const {file} = keys ?? {};
  return {
    level: keys?.level ?? DEFAULTS.level,
    levels: keys?.levels ?? {},
    file: file === undefined ? undefined : file === false || file === 'off' ? 'off' : resolve(folder, file),
    maxSizeBytes: keys?.max_size ?? DEFAULTS.maxSize,
    keep: keys?.keep ?? DEFAULTS.keep,
    logSuccess: keys?.log_success ?? false,
  };
}
